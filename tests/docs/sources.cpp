// The guide's page about map/reduce: inputs that are no lines of text.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sheaf/inputs.hpp>
#include <sheaf/map_reduce.hpp>
#include <sheaf/sheaf.hpp>

// [csv]
inline constexpr sheaf::map_reduce<"spent", std::string, double> spent{};

void read_orders(const sheaf::csv_split& in, sheaf::emitter<std::string, double>& out) {
    const std::size_t customer = in.column("customer");  // once, not for each row
    for (const sheaf::csv_row& order : in.rows()) out.emit(order[customer], order.number<double>("price"));
}
// [/csv]

// [numbers]
inline constexpr sheaf::map_reduce<"primes", std::int64_t, std::int64_t> primes{};

bool is_prime(std::int64_t number) {
    for (std::int64_t i = 2; i * i <= number; ++i) {
        if (number % i == 0) return false;
    }
    return number > 1;
}

void count_primes(const sheaf::number_split& in, sheaf::emitter<std::int64_t, std::int64_t>& out) {
    for (const std::int64_t number : in) {
        if (is_prime(number)) out.emit(number / 100, 1);
    }
}
// [/numbers]

// [source]
struct shard {  // what a mapper is told to read
    std::string table;
    int number = 0;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(table, number);
    }
};

struct customer_table {
    std::vector<shard> parts(const sheaf::source_plan& plan) const {
        std::vector<shard> all;
        for (std::size_t i = 0; i < std::min<std::size_t>(plan.splits_wanted, 4); ++i) {
            all.push_back({"customers", static_cast<int>(i)});
        }
        return all;
    }
};

inline constexpr sheaf::map_reduce<"rows", std::string, int> rows{};

void read_shard(const sheaf::source_split<shard>& in, sheaf::emitter<std::string, int>& out) {
    out.emit(in->table, in->number + 1);  // a real one would ask a database
}
// [/source]

void print(const char* what, auto& job, const auto& report) {
    std::cout << what << ':';
    job.for_each_result(report, [](const auto& key, const auto& value) { std::cout << ' ' << key << '=' << value; });
    std::cout << '\n';
}

int main(int argc, char** argv) {
    sheaf::app app{"sources"};
    app.bind(spent, sheaf::map_with(read_orders).combine_with(std::plus<>{}));
    app.bind(primes, sheaf::map_with(count_primes).combine_with(std::plus<>{}));
    app.bind(rows, sheaf::map_with(read_shard).combine_with(std::plus<>{}));
    return app.run(argc, argv, [](sheaf::cluster& cluster, std::span<const std::string> files) {
        // [run_csv]
        const auto sums =
            spent.run(cluster, {.input = sheaf::csv_files({files.begin(), files.end()}, {.delimiter = ','}),
                                .output = "spent",
                                .partitions = 1});
        // [/run_csv]
        print("spent", spent, sums);
        // [run_numbers]
        const auto counts = primes.run(cluster, {.input = sheaf::numbers(0, 500), .output = "primes", .partitions = 1});
        // [/run_numbers]
        print("primes", primes, counts);
        // [run_source]
        const auto read =
            rows.run(cluster, {.input = sheaf::from_source(customer_table{}), .output = "rows", .partitions = 1});
        // [/run_source]
        print("rows", rows, read);
        return 0;
    });
}
