// How much memory a test asks for at once. Replaces operator new: include it in one source of a program.
#pragma once

#include <atomic>
#include <cstdlib>
#include <new>

namespace sheaf::test {

/// The largest block that was asked for since it was set to 0.
inline std::atomic<std::size_t> largest_request{0};

inline void* allocate_counted(std::size_t size) {
    std::size_t seen = largest_request.load();
    while (seen < size && !largest_request.compare_exchange_weak(seen, size)) {
    }
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}

}  // namespace sheaf::test

// Never inlined: g++ would compare one that is with one that is not, and warn of a mismatch.
[[gnu::noinline]] void* operator new(std::size_t size) { return sheaf::test::allocate_counted(size); }
[[gnu::noinline]] void* operator new[](std::size_t size) { return sheaf::test::allocate_counted(size); }
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory, std::size_t /*size*/) noexcept { std::free(memory); }
