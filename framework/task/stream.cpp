#include <sheaf/detail/binding.hpp>
#include <sheaf/stream.hpp>

namespace sheaf::detail {

void send_chunk(invocation& of, std::string_view encoded) { of.send_chunk(encoded); }

}  // namespace sheaf::detail
