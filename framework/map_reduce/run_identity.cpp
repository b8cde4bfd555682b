#include "map_reduce/run_identity.hpp"

#include <algorithm>
#include <xxhash.h>

#include <sheaf/codec.hpp>

namespace sheaf::detail {
namespace {

std::uint64_t hash_of(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

std::uint64_t fingerprint_of(const side_data& what) {
    if (what.bytes() == nullptr) return 0;
    return XXH3_64bits_withSeed(what.bytes()->data(), what.bytes()->size(), hash_of(what.schema()));
}

std::uint64_t fingerprint_of(const output& what) {
    if (what.spec() == nullptr) return 0;
    std::string text = encode(what.spec()->format);
    text += static_cast<char>(what.spec()->place);
    return hash_of(text);
}

}  // namespace

std::uint64_t fingerprint_of(const input_plan& input) {
    std::string text = encode(input.formats);
    for (const input_file& file : input.list.files) {
        encode_to(text, file.path);
        encode_to(text, file.size);
        encode_to(text, file.tag);
    }
    encode_to(text, input.bytes);
    for (const input_split& split : input.splits) {
        for (const input_piece& piece : split) text += piece.content;
    }
    return hash_of(text);
}

std::vector<run_trait> identity_of(std::string_view job, std::uint64_t types, const input_plan& input,
                                   const map_reduce_options& how) {
    return {{"job", hash_of(job)},
            {"types of keys and values", types},
            {"input", fingerprint_of(input)},
            {"side data", fingerprint_of(how.side)},
            {"kind of output", fingerprint_of(how.output)},
            {"partitions", how.partitions},
            {"split_bytes", how.split_bytes}};
}

std::string difference_of(const std::vector<run_trait>& left, const std::vector<run_trait>& right) {
    std::string names;
    const auto compare = [&](const std::vector<run_trait>& these, const std::vector<run_trait>& those, bool values) {
        for (const run_trait& one : these) {
            const auto other = std::ranges::find(those, one.what, &run_trait::what);
            if (other != those.end() && (!values || other->value == one.value)) continue;
            names += (names.empty() ? "" : ", ") + one.what;
        }
    };
    compare(left, right, true);
    compare(right, left, false);  // what only they have
    return names;
}

}  // namespace sheaf::detail
