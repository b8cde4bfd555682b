#include "apps/command_options.hpp"

#include "up/host.hpp"

namespace sheaf::apps {

std::chrono::milliseconds milliseconds(double seconds) {
    return std::chrono::milliseconds(static_cast<std::chrono::milliseconds::rep>(seconds * 1000));
}

CLI::Option* add_seconds(CLI::App& command, const std::string& option, double& seconds, const std::string& what,
                         double most) {
    return command.add_option(option, seconds, what)->check(CLI::Range(0.0, most))->capture_default_str();
}

CLI::Option* add_name(CLI::App& command, std::string& name) {
    return command.add_option("--name", name, "Which cluster of your own.")->check([](const std::string& text) {
        const auto good = sheaf::up::check_name(text);
        return good ? std::string() : good.error().message;
    });
}

void add_target(CLI::App& command, target_options& where) {
    CLI::Option* const server =
        command
            .add_option("-s,--server", where.servers,
                        "HOST:PORT or unix:/PATH of a job server, or several with commas between.")
            ->type_name("ADDRESS[,ADDRESS]");
    add_name(command, where.name)->excludes(server);
    command.footer(which_server);
}

std::vector<endpoint> parse_servers(const std::string& option, const std::string& text) {
    auto parsed = parse_endpoints(text);
    if (!parsed) throw CLI::ValidationError(option, parsed.error().message);
    return *std::move(parsed);
}

}  // namespace sheaf::apps
