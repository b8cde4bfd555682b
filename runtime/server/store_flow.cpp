#include "server/store_flow.hpp"

#include "base/assert.hpp"

namespace sheaf::server {
namespace {

// How many questions are open at most, about.
constexpr std::size_t questions = 8;

}  // namespace

bool store_flow::give(std::size_t bytes) {
    given_ += bytes;
    waiting_ += bytes;
    unmarked_ += bytes;
    if (unmarked_ <= most_ / questions) return false;
    between_.push_back(unmarked_);
    unmarked_ = 0;
    return true;
}

void store_flow::reached() {
    SHEAF_ASSERT(!between_.empty(), "a question was open");
    waiting_ -= between_.front();
    between_.pop_front();
}

}  // namespace sheaf::server
