// The guide's page about map/reduce: jobs over records, with accumulators, side data, joins, and outputs of several kinds.
#include <charconv>
#include <cstdint>
#include <iostream>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sheaf/accumulators.hpp>
#include <sheaf/inputs.hpp>
#include <sheaf/map_reduce.hpp>
#include <sheaf/sheaf.hpp>

double to_number(std::string_view text) {
    double number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

// [mean]
inline constexpr sheaf::map_reduce<"mean", std::string, double> mean_price{};

void bind_mean(sheaf::app& app) {
    app.bind(mean_price, sheaf::map_each([](const sheaf::csv_row& row) {
                             return std::pair(row["what"], to_number(row["price"]));
                         }).filter_with([](const sheaf::csv_row& row) {
                               return row["what"] != "gift";
                           }).accumulate_with<sheaf::mean>());
}
// [/mean]

// [join]
inline constexpr sheaf::map_reduce<"turnover", std::string, sheaf::join_of<std::string, double>> turnover{};

void bind_join(sheaf::app& app) {
    app.bind(turnover,
             sheaf::map_each([](const sheaf::csv_row& customer) { return std::pair(customer["id"], customer["name"]); })
                 .and_map_each([](const sheaf::csv_row& order) {
                     return std::pair(order["customer"], to_number(order["price"]));
                 })
                 .join_to<std::string, double>([](std::string_view, const auto& names, auto& prices, auto& out) {
                     double sum = 0;
                     for (const double one : prices) sum += one;
                     for (const std::string& name : names) out.emit(name, sum);
                 }));
}
// [/join]

// [side]
inline constexpr sheaf::map_reduce<"in_euros", std::string, double> in_euros{};

using rates = std::map<std::string, double, std::less<>>;

void bind_side(sheaf::app& app) {
    app.bind(in_euros, sheaf::map_each([](const sheaf::csv_row& order, const rates& rate) {
                           return std::pair(order["customer"],
                                            to_number(order["price"]) * rate.find(order["in"])->second);
                       })
                           .with_side_data<rates>()
                           .combine_with(std::plus<>{}));
}
// [/side]

// [map_only]
inline constexpr sheaf::map_reduce<"dear", std::string, std::string> dear{};

void bind_map_only(sheaf::app& app) {
    app.bind(dear, sheaf::map_with([](const sheaf::text_split& in, std::string& out) {
                       for (const std::string_view line : in.lines()) {
                           if (line.find("book") != line.npos) out.append(line).append("\n");
                       }
                   }).map_only());
}
// [/map_only]

void print(std::string_view title, const std::map<std::string, double>& numbers) {
    std::cout << title << ':';
    for (const auto& [name, number] : numbers) std::cout << ' ' << name << ' ' << number;
    std::cout << '\n';
}

int main(int argc, char** argv) {
    sheaf::app app{"reports"};
    bind_mean(app);
    bind_join(app);
    bind_side(app);
    bind_map_only(app);
    return app.run(argc, argv, [](sheaf::cluster& cluster, std::span<const std::string> files) {
        const std::string customers = files[0];
        const std::string orders = files[1];
        // [into]
        std::map<std::string, double> means;
        mean_price.run(cluster, {.input = sheaf::csv_files({orders}), .output = sheaf::into(means)});
        // [/into]
        print("means", means);
        // [run_join]
        turnover.run(cluster, {.inputs = {sheaf::csv_files({customers}), sheaf::csv_files({orders})},
                               .output = sheaf::single_csv_file("turnover.csv", {.columns = {"name", "turnover"}}),
                               .overwrite = true});
        // [/run_join]
        std::map<std::string, double> sums;
        // [run_side]
        const rates rate{{"EUR", 1.0}, {"NOK", 0.1}};
        in_euros.run(cluster, {.input = sheaf::csv_files({orders}), .output = sheaf::into(sums), .side = rate});
        // [/run_side]
        print("sums", sums);
        const auto books = dear.run(cluster, {.input = sheaf::text_files({orders}), .output = "books"});
        std::cout << books.output_bytes << " bytes of books\n";
        return 0;
    });
}
