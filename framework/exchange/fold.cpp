// What a job's combiners and accumulators throw, in words.
#include <exception>
#include <new>
#include <stdexcept>
#include <string>

#include <sheaf/detail/fold.hpp>
#include <sheaf/detail/unit_refused.hpp>

namespace sheaf::detail {
namespace {

[[noreturn]] void throw_as(const char* thrower, const std::string& what) {
    throw std::runtime_error(std::string(thrower) + " threw: " + what +
                             ". Which record is to blame is not known by then, so none is left out for it: make the "
                             "mapper refuse what cannot be combined.");
}

}  // namespace

void rethrow_of(const char* thrower) {
    try {
        throw;
    } catch (const unit_refused&) {
        throw;
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception& why) {
        throw_as(thrower, why.what());
    } catch (...) {
        throw_as(thrower, "something that is no std::exception");
    }
}

}  // namespace sheaf::detail
