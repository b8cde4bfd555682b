// Any bytes are a request, an answer or a failure report, or are refused as such; what is read can be written and read
// again, and any failure can be thrown.

#include <cstddef>
#include <cstdint>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/assert.hpp"
#include <sheaf/detail/envelope.hpp>
#include <sheaf/detail/typed_errors.hpp>

namespace {

using namespace sheaf::detail;

struct declared : std::runtime_error {
    using std::runtime_error::runtime_error;
    std::string where{};
    int number = 0;
    template <class Archive>
    void serialize(Archive& archive) {
        archive(where, number);
    }
};

void check_request(std::string_view bytes) {
    const auto read = read_request(bytes);
    if (!read) return;
    SHEAF_ASSERT(read->attempts >= 1, "a call has an attempt");
    const auto again = write_request(*read, read->arguments);
    // Only attempts of 0 are written as what they mean, 1.
    const bool zero_attempts = bytes[12] == 0 && bytes[13] == 0;
    SHEAF_ASSERT(zero_attempts || again.view() == bytes, "a request is written as it was read");
}

void check_answer(std::string_view bytes) {
    const auto read = read_answer(sheaf::shared_bytes(bytes));
    if (read) SHEAF_ASSERT(write_answer(read->view()).view() == bytes, "an answer is written as it was read");
}

void check_failure(std::string_view bytes) {
    const sheaf::failure read = read_failure(bytes);
    SHEAF_ASSERT(read.code != sheaf::errc::ok, "a failure is one");
    const sheaf::failure again = read_failure(write_failure(read).view());
    SHEAF_ASSERT(again.code == read.code && again.typed_index == read.typed_index &&
                     again.typed_fields == read.typed_fields && again.attempt == read.attempt,
                 "a report is read as it was written");
    try {
        throw_as_declared(read, sheaf::throws<declared>{});
    } catch (const declared&) {
        SHEAF_ASSERT(read.typed_index == 0, "only the declared error is thrown as itself");
    } catch (const sheaf::call_error& error) {
        SHEAF_ASSERT(error.code() == read.code, "an exception keeps the code");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    check_request(bytes);
    check_answer(bytes);
    check_failure(bytes);
    return 0;
}
