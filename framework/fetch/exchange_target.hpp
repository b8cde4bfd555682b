// What the path of a request to an exchange server may name: a run, a file of it, an input of it. Nothing else exists.
//
//     /RUN            the run itself: whether it goes on (HEAD), its beginning (PUT) and end (DELETE) on a host
//     /RUN/NAME       a file of the run's directory; on a host it may be removed (DELETE)
//     /RUN/input/HEX  an input of the run, at the driver's: the path in hexadecimal digits
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sheaf::fetch {

struct exchange_target {
    enum class kind { run, file, input };

    kind what = kind::run;
    std::string run;
    std::string name;  ///< of a file: one plain name; of an input: its path, decoded

    friend bool operator==(const exchange_target&, const exchange_target&) = default;
};

/// Whether a run may have this id: 1 to 64 letters and digits.
[[nodiscard]] bool is_run_id(std::string_view text) noexcept;

/// Whether it is one component of a path that is not hidden: letters, digits, dots, dashes and underscores, at most 255, the
/// first no dot.
[[nodiscard]] bool is_plain_name(std::string_view text) noexcept;

/// None for everything that is not written exactly as above; %-escapes and queries have no meaning here.
[[nodiscard]] std::optional<exchange_target> parse_target(std::string_view path);

/// As parse_target reads it.
[[nodiscard]] std::string to_string(const exchange_target& of);

}  // namespace sheaf::fetch
