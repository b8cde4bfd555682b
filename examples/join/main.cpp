// Joins two CSV files: orders with the customers who made them, by the customer's number.
#include <cstdint>
#include <iostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <sheaf/app.hpp>
#include <sheaf/command_line.hpp>
#include <sheaf/inputs.hpp>
#include <sheaf/map_reduce.hpp>
#include <sheaf/run_report.hpp>

// [job]
struct customer {
    std::string name;
    std::string country;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(name, country);
    }
};

struct order {
    std::uint64_t number = 0;
    double amount = 0;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(number, amount);
    }
};

struct order_of_customer {
    std::string name;
    std::string country;
    double amount = 0;

    template <class Archive>
    void serialize(Archive& archive) {
        archive(name, country, amount);
    }
};

inline constexpr sheaf::map_reduce<"join", std::uint64_t, sheaf::join_of<customer, order>> join_orders{};

std::pair<std::uint64_t, customer> read_customer(const sheaf::csv_row& row) {
    return {row.number<std::uint64_t>("id"), {std::string(row["name"]), std::string(row["country"])}};
}

std::pair<std::uint64_t, order> read_order(const sheaf::csv_row& row) {
    return {row.number<std::uint64_t>("customer"), {row.number<std::uint64_t>("number"), row.number<double>("amount")}};
}

void join_one(std::uint64_t /*id*/, const customer& who, const order& what,
              sheaf::emitter<std::uint64_t, order_of_customer>& out) {
    out.emit(what.number, {who.name, who.country, what.amount});
}
// [/job]

int run(sheaf::cluster& cluster, std::span<const std::string> arguments) {
    CLI::App reader(
        "Joins customers (columns id, name, country) with their orders (columns number, customer, amount). The output "
        "has a\n"
        "line for each order of a known customer: order, name, country, amount.",
        "join");
    sheaf::map_reduce_options how;
    std::string output;
    std::string report_directory;
    std::vector<std::string> customers;
    std::vector<std::string> orders;
    reader.add_option("--customers", customers, "CSV files of customers.")->required()->type_name("FILE");
    reader.add_option("--orders", orders, "CSV files of orders.")->required()->type_name("FILE");
    reader.add_option("--output", output, "The directory to make, with CSV files.")
        ->required()
        ->type_name("DIR")
        ->allow_extra_args(false);
    reader.add_option("--report", report_directory, "Also write a report of the run there.")->type_name("DIR");
    sheaf::add_run_options(reader, how);
    if (const auto status = sheaf::parse_arguments(reader, arguments)) return *status;
    // [run]
    how.inputs = {sheaf::csv_files(customers), sheaf::csv_files(orders)};
    how.output = sheaf::csv_parts(output, {.columns = {"order", "name", "country", "amount"}});
    const auto report = join_orders.run(cluster, how);
    // [/run]
    if (!report_directory.empty()) sheaf::write_report(report, report_directory);
    std::cerr << report;
    return 0;
}

// [main]
int main(int argc, char** argv) {
    sheaf::app app("join");
    app.bind(join_orders, sheaf::map_each(read_customer)
                              .and_map_each(read_order)
                              .join_to<std::uint64_t, order_of_customer>(sheaf::inner_join(join_one)));
    return app.run(argc, argv, run);
}
// [/main]
