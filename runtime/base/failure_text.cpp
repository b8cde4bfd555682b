#include "base/failure_text.hpp"

#include <string>
#include <string_view>

namespace sheaf {

error error_of(const runtime_failure& why) {
    std::string_view text = why.what();
    const std::string code = ": " + why.code().message();
    if (text.ends_with(code)) text.remove_suffix(code.size());
    return {static_cast<errc>(why.code().value()), std::string(text)};
}

}  // namespace sheaf
