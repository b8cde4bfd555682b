#include "apps/sheafd_options.hpp"

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

namespace sheaf::apps {
namespace {

constexpr int exit_usage = 2;

constexpr const char* about =
    "sheafd, Sheaf's job server. It speaks the Gearman protocol: clients and workers of gearmand can use it as they "
    "are.\n"
    "When it accepts connections it prints one line, \"sheafd ready on ADDRESS\"; it logs on standard error.\n"
    "SIGTERM and SIGINT stop it when the running jobs have ended, a second one at once.";

struct raw_options {
    std::vector<std::string> listen;
    std::optional<std::uint16_t> port;
    std::string verbose;
    unsigned payload_mib = 64;
    std::string ignored;
};

bool names_a_port(std::string_view address) {
    if (address.starts_with("unix:")) return true;
    const std::size_t bracket = address.find(']');
    return address.find(':', bracket == std::string_view::npos ? 0 : bracket) != std::string_view::npos;
}

std::vector<endpoint> listen_addresses(const raw_options& raw) {
    std::vector<endpoint> all;
    for (const std::string& text : raw.listen.empty() ? std::vector<std::string>{"127.0.0.1"} : raw.listen) {
        auto parsed = parse_endpoint(text);
        if (!parsed) throw CLI::ValidationError("--listen", parsed.error().message);
        if (raw.port && !names_a_port(text)) parsed->port = *raw.port;
        all.push_back(std::move(*parsed));
    }
    return all;
}

// gearmand's words for how much is logged, and none at all.
verbosity read_verbosity(std::string word) {
    std::ranges::transform(word, word.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (word.empty() || word == "debug") return verbosity::chatty;
    if (word == "info" || word == "notice" || word == "warning") return verbosity::normal;
    if (word == "error" || word == "critical" || word == "alert" || word == "fatal") return verbosity::quiet;
    throw CLI::ValidationError("--verbose", "\"" + word + "\" is not a level. Write DEBUG, INFO or ERROR.");
}

void declare(CLI::App& app, sheafd_options& result, raw_options& raw) {
    runtime::server_options& server = result.server;
    app.set_version_flag("-V,--version", "sheafd " + std::string(runtime::version()));
    app.add_option("-L,--listen", raw.listen,
                   "Where to listen: HOST, HOST:PORT, [V6]:PORT or unix:/PATH; may be given more than once. Peers are "
                   "trusted, so the default is this machine alone: 127.0.0.1. Write 0.0.0.0 for every interface.")
        ->type_name("ADDRESS")
        ->allow_extra_args(false);
    app.add_option("-p,--port", raw.port,
                   "The port of the addresses that name none; 0 takes any free one. Default: 4730.")
        ->envname("GEARMAND_PORT");
    app.add_option("-j,--job-retries", server.job_retries,
                   "How often a job whose worker was lost is handed out again: -1 for ever, 0 never.")
        ->check(CLI::Range(-1, 255))
        ->capture_default_str();
    app.add_flag("--exceptions", server.exceptions,
                 "Send exceptions of workers to clients that did not ask for them, too.");
    app.add_option(
           "--job-handle-prefix", server.handle_prefix,
           "What handles start with; a part that is new with each start and a number follow. Default: H:<hostname>.")
        ->type_name("TEXT");
    app.add_option("-w,--worker-wakeup", server.worker_wakeup,
                   "How many sleeping workers a job wakes at once; 0 wakes all of them.")
        ->capture_default_str();
    app.add_option("-b,--backlog", server.backlog, "How many connections may wait to be accepted.")
        ->check(CLI::Range(1, 65535))
        ->capture_default_str();
    app.add_option("--connections-max", server.connections_max, "Peers beyond this number are turned away.")
        ->capture_default_str();
    app.add_option("--payload-max", raw.payload_mib, "The largest packet that is taken, in MiB.")
        ->check(CLI::Range(1U, 4095U))
        ->capture_default_str();
    app.add_option("-P,--pid-file", result.pid_file, "Write the process id to this file.")->type_name("PATH");
    app.add_option("-v,--verbose", raw.verbose, "How much to log: DEBUG (also when no level is given), INFO or ERROR.")
        ->expected(0, 1)
        ->default_str("INFO")
        ->type_name("LEVEL");
    const auto no_effect = [&](const char* name) {
        app.add_option(name, raw.ignored, "Taken for gearmand's sake; has no effect.")
            ->expected(0, 1)
            ->group("gearmand");
    };
    no_effect("-t,--threads");
    no_effect("-R,--round-robin");
    no_effect("--keepalive");
}

}  // namespace

std::optional<sheafd_options> parse_sheafd_options(int argc, char** argv, int& exit_code) {
    CLI::App app(about, "sheafd");
    sheafd_options result;
    raw_options raw;
    declare(app, result, raw);
    try {
        app.parse(argc, argv);
        result.server.listen = listen_addresses(raw);
        result.server.packet_bytes_max = std::uint32_t{raw.payload_mib} << 20;  // in range: below 4096
        if (app.count("--verbose") != 0) result.verbose = read_verbosity(raw.verbose);
    } catch (const CLI::ParseError& why) {
        exit_code = app.exit(why) == 0 ? 0 : exit_usage;
        return std::nullopt;
    }
    return result;
}

}  // namespace sheaf::apps
