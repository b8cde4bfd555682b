#include "input/input_plan.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace sheaf::detail {

namespace {

// Own sources are user's code: what it throws is its own sentence.
basic_result<std::vector<std::string>, error> parts_of(const input_spec& spec, const split_policy& how) {
    if (!spec.parts) return std::vector<std::string>{};
    try {
        return spec.parts({.slots = how.slots, .splits_wanted = static_cast<std::size_t>(how.splits_wanted())});
    } catch (const std::exception& why) {
        return error{errc::invalid_argument,
                     std::string("the run's source of input cannot say what its splits are: ") + why.what()};
    }
}

basic_result<seen_input, error> look_at(const input& given, const split_policy& how, const remote_opener& open,
                                        input_list& all) {
    seen_input seen;
    const input_spec* const spec = given.spec();
    if (spec == nullptr) return seen;
    auto found = walk_inputs(spec->paths, open);
    if (!found) return found.error();
    auto parts = parts_of(*spec, how);
    if (!parts) return parts.error();
    seen.format = spec->format;
    seen.files = found->files;
    seen.numbers = spec->numbers;
    seen.values = spec->values;
    seen.parts = std::move(*parts);
    all.skipped += found->skipped;
    std::move(found->files.begin(), found->files.end(), std::back_inserter(all.files));
    return seen;
}

std::uint64_t bytes_in(const seen_input& one) {
    std::uint64_t bytes = one.numbers * sizeof(std::int64_t) + one.values.size();
    for (const input_file& file : one.files) bytes += file.size;
    for (const std::string& part : one.parts) bytes += part.size();
    return bytes;
}

}  // namespace

basic_result<input_plan, error> plan_inputs(const std::vector<input>& inputs, const split_policy& how,
                                            const remote_opener& open) {
    input_plan plan;
    std::vector<seen_input> seen;
    for (const input& one : inputs) {
        auto looked = look_at(one, how, open, plan.list);
        if (!looked) return looked.error();
        plan.formats.push_back(looked->format);
        plan.bytes += bytes_in(*looked);
        seen.push_back(std::move(*looked));
    }
    plan.splits = plan_splits(seen, how);
    return plan;
}

}  // namespace sheaf::detail
