#include "peer/backoff.hpp"

#include <random>

namespace sheaf::peer {

random_source jitter() {
    return [engine = std::minstd_rand(std::random_device{}())]() mutable {
        return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
    };
}

}  // namespace sheaf::peer
