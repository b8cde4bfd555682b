// Why something could not be fetched.
#pragma once

#include <string>
#include <utility>

#include "sheaf/runtime/error.hpp"

namespace sheaf::fetch {

class fetch_failure : public runtime_failure {
  public:
    enum class kind {
        passing,    ///< trying again may help
        unreached,  ///< nobody answers at the address: trying again may help
        refused,    ///< nobody listens there, says its host, which seldom changes
        permanent,  ///< the server says no, or what it says makes no sense
        cancelled,  ///< nobody wants it any more
    };

    fetch_failure(kind what, std::string text)
        : runtime_failure({code_of(what), text}), what_(what), text_(std::move(text)) {}

    [[nodiscard]] kind which() const noexcept { return what_; }
    /// Whether trying again may help.
    [[nodiscard]] bool may_pass() const noexcept { return what_ != kind::permanent && what_ != kind::cancelled; }
    /// The text alone.
    [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }

  private:
    static errc code_of(kind what) noexcept {
        switch (what) {
            case kind::cancelled: return errc::cancelled;
            case kind::unreached:
            case kind::refused: return errc::connection_failed;
            default: return errc::io_error;
        }
    }

    kind what_;
    std::string text_;
};

}  // namespace sheaf::fetch
