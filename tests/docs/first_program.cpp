// The tutorial's program: counts primes on worker processes.
// [includes]
#include <algorithm>
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include <sheaf/sheaf.hpp>
// [/includes]

// [task]
struct range {
    long first = 0;
    long last = 0;  // the first that is not in it

    template <class Archive>
    void serialize(Archive& archive) {
        archive(CEREAL_NVP(first), CEREAL_NVP(last));
    }
};

inline constexpr sheaf::task<"primes.count", long(range)> count_primes{};
// [/task]

// [handler]
long count_primes_in(const range& numbers) {
    long count = 0;
    for (long n = std::max(2L, numbers.first); n < numbers.last; ++n) {
        bool is_prime = true;
        for (long divisor = 2; divisor * divisor <= n && is_prime; ++divisor) is_prime = n % divisor != 0;
        if (is_prime) ++count;
    }
    return count;
}
// [/handler]

// [main]
int main(int argc, char** argv) {
    sheaf::app app{"primes"};
    app.bind(count_primes, count_primes_in);
    return app.run(argc, argv, [](sheaf::cluster& cluster, std::span<const std::string> /*arguments*/) {
        // [call]
        std::cout << cluster.call(count_primes({0, 100})) << " primes below 100\n";
        // [/call]
        // [map]
        std::vector<range> pieces;
        for (long first = 0; first < 1'000'000; first += 50'000) pieces.push_back({first, first + 50'000});
        long sum = 0;
        for (const long found : cluster.map(count_primes, pieces)) sum += found;
        std::cout << sum << " primes below 1000000\n";
        // [/map]
        return 0;
    });
}
// [/main]
