// A value that all mappers and reducers of a run are given.
#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include <sheaf/codec.hpp>
#include <sheaf/detail/type_schema.hpp>

namespace sheaf {

/// A value of any type that can be sent, as map_reduce_options::side has it. It is written once, where all workers read it; each
/// worker process decodes it once for a run, and all attempts there share it.
///
///     app.bind(job, sheaf::map_with(f).with_side_data<table>()...);       // f(split, emitter, const table&)
///     job.run(cluster, {.input = ..., .output = ..., .side = prices});
class side_data {
  public:
    /// None.
    side_data() = default;
    template <class T>
        requires(!std::is_same_v<T, side_data>)
    side_data(const T& value)  // NOLINT(google-explicit-constructor): .side = prices
        : bytes_(std::make_shared<const std::string>(encode(value))), schema_(detail::type_schema<T>()) {}

    /// For Sheaf. Null when there is none.
    [[nodiscard]] const std::string* bytes() const noexcept { return bytes_.get(); }
    [[nodiscard]] const std::string& schema() const noexcept { return schema_; }

  private:
    std::shared_ptr<const std::string> bytes_;
    std::string schema_;
};

}  // namespace sheaf
