// Inputs that a user reads in a way of their own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <sheaf/codec.hpp>
#include <sheaf/detail/for_each_split.hpp>
#include <sheaf/detail/type_schema.hpp>
#include <sheaf/input.hpp>

namespace sheaf {

/// One part of a user's own source of input, as the driver made it.
///
/// If Part has `records()`, a range that is made on the worker, then records() is that, and map_each() has its elements.
template <class Part>
class source_split {
  public:
    explicit source_split(Part part) : part_(std::move(part)) {}

    [[nodiscard]] const Part& part() const noexcept { return part_; }
    [[nodiscard]] const Part* operator->() const noexcept { return &part_; }
    [[nodiscard]] decltype(auto) records() const
        requires requires(const Part& part) { part.records(); }
    {
        return part_.records();
    }

  private:
    Part part_;
};

namespace detail {

template <class Part>
struct split_access<source_split<Part>> {
    static constexpr std::string_view reads = "from_source(), with parts of the same type";

    static bool fits(const input_format& format) {
        return format.records == record_format::source && format.schema == type_schema<Part>();
    }
    static source_split<Part> make(const split_source& from) { return source_split<Part>(decode<Part>(from.bytes)); }
    /// A part is a record: nobody else knows how it could be cut.
    template <class F>
    static void each_record(const split_source& from, F&& f) {
        (void)f(make(from), from.offset, from.bytes.size());
    }
};

}  // namespace detail

/// A source of input of a user's own: pages of a database, keys of an object store, seeds of a simulation. `source.parts(plan)` is called
/// once, in the driver, and gives a range of parts: values that can be sent, each of which is a split. What it throws fails the run.
/// The mapper takes a source_split<Part>, and reads what the part stands for, on the worker.
///
///     struct shard {
///         std::string table;
///         int number;
///         template <class Archive> void serialize(Archive& archive) { archive(table, number); }
///     };
///     struct database {
///         std::vector<shard> parts(const sheaf::source_plan& plan) const;
///     };
///     void read_shard(const sheaf::source_split<shard>& in, sheaf::emitter<std::string, int>& out);
///     ...
///     .input = sheaf::from_source(database{})
template <class Source>
[[nodiscard]] input from_source(Source source) {
    using part = std::remove_cvref_t<decltype(*std::begin(source.parts(source_plan{})))>;
    detail::input_spec spec;
    spec.format.records = detail::record_format::source;
    spec.format.schema = detail::type_schema<part>();
    spec.parts = [source = std::move(source)](const source_plan& plan) {
        std::vector<std::string> encoded;
        for (const part& one : source.parts(plan)) encoded.push_back(encode(one));
        return encoded;
    };
    return input(std::move(spec));
}

}  // namespace sheaf
