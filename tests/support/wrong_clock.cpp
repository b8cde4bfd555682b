#include "support/wrong_clock.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "support/preload.hpp"
#include "support/process.hpp"

namespace sheaf::test {
namespace {

constexpr const char* file_name = "clock";

}  // namespace

wrong_clock::wrong_clock(std::chrono::seconds ahead) {
    const std::string path = (place_ / file_name).string();
    const unique_fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!file || ::ftruncate(file.get(), sizeof(shim::clock_error)) != 0) throw_errno(path);
    void* const at = ::mmap(nullptr, sizeof(shim::clock_error), PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (at == MAP_FAILED) throw_errno("mmap " + path);
    error_ = static_cast<shim::clock_error*>(at);
    set(ahead);
}

wrong_clock::~wrong_clock() { ::munmap(error_, sizeof(shim::clock_error)); }

std::vector<std::string> wrong_clock::environment() const {
    return {"LD_PRELOAD=" + library(), variable(), preload_beside_sanitizers()};
}

std::string wrong_clock::library() { return SHEAF_CLOCK_SHIM; }

std::string wrong_clock::variable() const {
    return std::string(shim::clock_variable) + "=" + (place_ / file_name).string();
}

}  // namespace sheaf::test
