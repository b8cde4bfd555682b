#include <sheaf/detail/json_archive.hpp>

namespace sheaf::detail {

// Defined here to spare every user the hash tables that cereal's archives hold.
json_output_archive::json_output_archive(json_writer& to) : base(this), json(to) {}
json_output_archive::~json_output_archive() = default;

json_input_archive::json_input_archive(json_reader& from) : base(this), json(from) {}
json_input_archive::~json_input_archive() = default;

}  // namespace sheaf::detail
