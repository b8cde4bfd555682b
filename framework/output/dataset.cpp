#include <sheaf/dataset.hpp>

namespace sheaf {

dataset::operator input() const {
    if (owner_ == nullptr) return {};
    detail::input_spec spec;
    spec.format.records = detail::record_format::typed;
    spec.format.schema = schema_;
    spec.format.packing = compression::none;
    spec.paths = files_;
    spec.owner = owner_;
    return input(std::move(spec));
}

}  // namespace sheaf
