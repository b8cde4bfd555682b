#include "apps/sheafd_options.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <unistd.h>
#include <utility>

#include <CLI/CLI.hpp>

#include "apps/sheafd_words.hpp"
#include "base/failure_text.hpp"
#include "server/handle_prefix.hpp"

namespace sheaf::apps {
namespace {

constexpr int exit_usage = 1;  // as gearmand

constexpr const char* about =
    "sheafd, Sheaf's job server. It speaks the Gearman protocol: clients and workers of gearmand can use it as they "
    "are.\n"
    "When it accepts connections it prints one line, \"sheafd ready on ADDRESS\"; it logs on standard error.\n"
    "SIGTERM and SIGINT stop it when the running jobs have ended, a second one at once. SIGUSR1 stops it when the "
    "running jobs have ended, however long they take; SIGHUP opens the log file again.";

// Or a number below nothing would count from the top.
const CLI::Range bytes_or_count(std::uint64_t{0}, std::uint64_t{1} << 60);

struct raw_options {
    std::vector<std::string> listen;
    std::optional<std::uint16_t> port;
    std::string verbose = "INFO";
    std::string log_file = "stderr";
    unsigned payload_mib = 64;
    std::string timeout_unit = "ms";
    int keepalive_idle = -1;
    int keepalive_interval = -1;
    int keepalive_count = -1;
    bool ssl = false;
    std::string protocol;
    std::string durability;
    unsigned background_retries = 0;
    std::int64_t result_ttl = 24 * 60 * 60;
    std::uint16_t http_port = 8080;
    bool syslog = false;
    bool allow_shutdown = false;
    bool check_only = false;
    std::string ignored;
    bool ignored_flag = false;
};

bool names_a_port(std::string_view address) {
    if (address.starts_with("unix:")) return true;
    if (constexpr std::string_view scheme = "tls://"; address.starts_with(scheme)) address.remove_prefix(scheme.size());
    const std::size_t bracket = address.find(']');
    return address.find(':', bracket == std::string_view::npos ? 0 : bracket) != std::string_view::npos;
}

std::vector<endpoint> listen_addresses(const raw_options& raw) {
    std::vector<endpoint> all;
    for (const std::string& text : raw.listen.empty() ? std::vector<std::string>{"127.0.0.1"} : raw.listen) {
        auto parsed = parse_endpoint(text);
        if (!parsed) throw CLI::ValidationError("--listen", parsed.error().message);
        if (raw.port && !names_a_port(text)) parsed->port = *raw.port;
        if (raw.ssl && !parsed->is_unix()) parsed->tls = true;
        all.push_back(std::move(*parsed));
    }
    return all;
}

constexpr std::array<std::string_view, 8> level_names = {"FATAL",   "ALERT",  "CRITICAL", "ERROR",
                                                         "WARNING", "NOTICE", "INFO",     "DEBUG"};

// gearmand's words for how much is logged, and none at all.
verbosity read_verbosity(std::string word) {
    std::ranges::transform(word, word.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    if (word.empty()) return verbosity::debug;
    const auto* const found = std::ranges::find(level_names, word);
    if (found == level_names.end()) {
        throw CLI::ValidationError("--verbose", "\"" + word + "\" is not a level. Write DEBUG, INFO or ERROR.");
    }
    return static_cast<verbosity>(found - level_names.begin());
}

void read_log_target(const raw_options& raw, sheafd_options& result) {
    if (raw.syslog) {
        result.log = log_target::syslog;
    } else if (raw.log_file == "none") {
        result.log = log_target::nowhere;
    } else if (raw.log_file != "stderr") {
        result.log = log_target::file;
        result.log_file = raw.log_file;
    }
}

void declare_service(CLI::App& app, sheafd_options& result, raw_options& raw) {
    runtime::server_options& server = result.server;
    app.add_option("-L,--listen", raw.listen,
                   "Where to listen: HOST, HOST:PORT, [V6]:PORT or unix:/PATH; may be given more than once. Peers are "
                   "trusted, so the default is this machine alone: 127.0.0.1. Write 0.0.0.0 for every interface.")
        ->type_name("ADDRESS")
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    app.add_option("-p,--port", raw.port,
                   "The port of the addresses that name none; 0 takes any free one. Default: 4730.")
        ->envname("GEARMAND_PORT");
    app.add_option("-b,--backlog", server.backlog, "How many connections may wait to be accepted.")
        ->check(CLI::Range(1, 65535))
        ->capture_default_str();
    app.add_option("--connections-max", server.connections_max, "Peers beyond this number are turned away.")
        ->check(bytes_or_count)
        ->capture_default_str();
    app.add_option("--payload-max", raw.payload_mib, "The largest packet that is taken, in MiB.")
        ->check(CLI::Range(1U, 4095U))
        ->capture_default_str();
    const auto seconds = [&](const char* name, int& value, const char* text) {
        app.add_option(name, value, text)->check(CLI::Range(-1, 32767))->type_name("N");
    };
    seconds("--keepalive-idle", raw.keepalive_idle, "Seconds of silence before a peer is asked for a sign of life.");
    seconds("--keepalive-interval", raw.keepalive_interval, "Seconds between two such questions.");
    seconds("--keepalive-count", raw.keepalive_count, "How many of them go unanswered before a peer counts as gone.");
}

// Where the Gearman protocol is spoken over TCP, on another port.
std::vector<endpoint> http_addresses(const raw_options& raw, const std::vector<endpoint>& listen) {
    std::vector<endpoint> all;
    if (raw.protocol.empty()) return all;
    for (const endpoint& one : listen) {
        endpoint where{.host = one.host, .port = raw.http_port, .path = {}, .tls = one.tls};
        if (!one.is_unix() && (where.port == 0 || std::ranges::find(all, where) == all.end())) all.push_back(where);
    }
    if (all.empty()) all.push_back({.host = "127.0.0.1", .port = raw.http_port, .path = {}, .tls = raw.ssl});
    return all;
}

void declare_http(CLI::App& app, raw_options& raw) {
    app.add_option("-r,--protocol", raw.protocol,
                   "Take jobs by this protocol, too, on a port of its own: http, where POST /FUNCTION submits a job.")
        ->check(CLI::IsMember({"http"}))
        ->type_name("NAME");
    app.add_option("--http-port", raw.http_port, "That port; 0 takes any free one.")->capture_default_str();
}

void declare_tls(CLI::App& app, sheafd_options& result, raw_options& raw) {
    runtime::tls_options& tls = result.server.tls;
    app.add_flag(
        "--ssl", raw.ssl,
        "Speak TLS on every address but Unix-domain sockets; --listen tls://HOST is for one of several. Clients "
        "and workers need a certificate of the CA, too.");
    const auto file = [&](const char* name, std::string& value, const char* text) {
        app.add_option(name, value, text)->type_name("PATH");
    };
    file("--ssl-ca-file", tls.ca_file,
         "The certificate of the CA, in PEM, of which the peers' have to be. Default: GEARMAND_CA_CERTIFICATE.");
    file("--ssl-certificate", tls.certificate_file,
         "The server's certificate, in PEM, with those between it and its CA. Default: GEARMAND_SERVER_PEM.");
    file("--ssl-key", tls.key_file, "Its key, in PEM, without a pass phrase. Default: GEARMAND_SERVER_KEY.");
}

// Somebody who names a certificate does not want to be served in the clear.
void settle_tls(runtime::server_options& server) {
    const bool has_files =
        !server.tls.ca_file.empty() || !server.tls.certificate_file.empty() || !server.tls.key_file.empty();
    if (std::ranges::any_of(server.listen, &endpoint::tls) || std::ranges::any_of(server.listen_http, &endpoint::tls)) {
        server.tls = runtime::with_server_environment(std::move(server.tls));
    } else if (has_files) {
        throw CLI::ValidationError("--ssl", "files for TLS are named, but no address would speak it. Give --ssl too.");
    }
}

void declare_queue(CLI::App& app, sheafd_options& result, raw_options& raw) {
    app.add_option("--data-dir", result.server.data_directory,
                   "Keep background jobs in this directory, so that they outlive the server; it is made if need be. "
                   "Default: sheafd/PORT in XDG_STATE_HOME or ~/.local/state, or in /var/lib with --user; with "
                   "--durability none, "
                   "and without a TCP port that is known before, they are in memory.")
        ->type_name("DIR");
    app.add_option("--durability", raw.durability,
                   "What the acknowledgement of a background job promises: full, that no crash of the server or the "
                   "machine loses it; relaxed, that it will be on the disk in a moment; none, nothing. Default: full.")
        ->check(CLI::IsMember({"full", "relaxed", "none"}))
        ->type_name("WORD");
    app.add_option("--queue-memory", result.server.queue_bytes_max,
                   "How much memory jobs may take, about, in bytes. Beyond that, background jobs at the ends of long "
                   "queues are on the disk alone, so that a queue may become as long as the disk is large.")
        ->type_name("BYTES")
        ->check(bytes_or_count)
        ->capture_default_str();
}

void declare_ends(CLI::App& app, sheafd_options& result, raw_options& raw) {
    runtime::server_options& server = result.server;
    app.add_option("--background-retries", raw.background_retries,
                   "How often a background job that failed is tried again, after longer and longer pauses, when its "
                   "submitter did not say. Then it is a dead letter: see sheaf dead.")
        ->check(CLI::Range(0U, 1000U))
        ->capture_default_str();
    app.add_option(
           "--result-ttl", raw.result_ttl,
           "For how many seconds results of background jobs are kept, when their submitters did not say; 0 keeps "
           "none.")
        ->check(CLI::Range(std::int64_t{0}, std::int64_t{10} * 365 * 24 * 60 * 60))
        ->capture_default_str();
    app.add_option("--result-bytes", server.result_bytes_max, "The largest result that is kept, in bytes.")
        ->check(bytes_or_count)
        ->capture_default_str();
    app.add_option(
           "--results-bytes", server.results_bytes_max,
           "How much room all results may take, in bytes, with 256 more for each of them; the first to be over go "
           "first.")
        ->check(bytes_or_count)
        ->capture_default_str();
    app.add_option("--dead-letters", server.letters_max, "How many dead letters are kept; then the oldest go.")
        ->check(bytes_or_count)
        ->capture_default_str();
}

const endpoint* first_known_port(const std::vector<endpoint>& listen) {
    const auto where =
        std::ranges::find_if(listen, [](const endpoint& one) { return !one.is_unix() && one.port != 0; });
    return where == listen.end() ? nullptr : &*where;
}

// Where programs keep what should survive; empty when there is no such place. Whom root becomes may not enter root's own.
std::string state_directory(const std::string& user) {
    const auto from = [](const char* name) {
        const char* const value = std::getenv(name);
        return std::string(value != nullptr && value[0] == '/' ? value : "");
    };
    constexpr const char* of_services = "/var/lib";
    const bool is_root = ::geteuid() == 0;
    if (is_root && !user.empty() && user != "root") return of_services;
    if (std::string state = from("XDG_STATE_HOME"); !state.empty()) return state;
    if (const std::string home = from("HOME"); !home.empty()) return home + "/.local/state";
    return is_root ? of_services : "";
}

// By its first TCP port, since several servers may run here.
void settle_data_directory(const raw_options& raw, sheafd_options& result) {
    runtime::server_options& server = result.server;
    if (raw.durability == "none") {
        if (server.data_directory.empty()) return;
        result.warnings.push_back(
            "--data-dir " + server.data_directory +
            " has no effect with --durability none: background jobs are in memory, and what is in "
            "the directory stays there and is not run. Leave out one of the two.");
        return;
    }
    const endpoint* const where = first_known_port(server.listen);
    if (!server.data_directory.empty() || where == nullptr) return;
    const std::string state = state_directory(result.user);
    if (!state.empty()) {
        server.data_directory = state + "/sheafd/" + std::to_string(where->port);
    } else if (raw.durability.empty()) {
        result.warnings.emplace_back(
            "background jobs are in memory, and go with this process: neither XDG_STATE_HOME nor HOME says where to "
            "keep "
            "them. Name a directory with --data-dir, or say --durability none.");
    }
}

void settle_queue(const raw_options& raw, sheafd_options& result) {
    runtime::server_options& server = result.server;
    server.background_attempts = raw.background_retries + 1;
    server.result_keep = std::chrono::seconds(raw.result_ttl);
    settle_data_directory(raw, result);
    if (raw.durability.empty()) return;
    // Somebody who asks for it does not want to have jobs in memory.
    if (raw.durability != "none" && server.data_directory.empty()) {
        throw CLI::ValidationError("--durability", "there is no place to keep jobs in. Name one with --data-dir.");
    }
    server.kept = raw.durability == "full"      ? runtime::durability::full
                  : raw.durability == "relaxed" ? runtime::durability::relaxed
                                                : runtime::durability::none;
}

// As the server does when it starts.
void check_handle_prefix(const std::string& prefix) {
    try {
        (void)server::make_handle_prefix(prefix, 0, 0);
    } catch (const runtime_failure& why) {
        throw CLI::ValidationError("--job-handle-prefix", error_of(why).message);
    }
}

void declare_jobs(CLI::App& app, sheafd_options& result, raw_options& raw) {
    runtime::server_options& server = result.server;
    app.add_option(
           "-j,--job-retries", server.job_retries,
           "How many workers a job may lose until it fails: -1 any number; with 0 or 1 it fails with its first one.")
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
    app.add_option("--timeout-unit", raw.timeout_unit,
                   "What the number in CAN_DO_TIMEOUT counts: ms, as gearmand's workers mean it, or s, as those for "
                   "Perl's server do.")
        ->check(CLI::IsMember({"ms", "s"}))
        ->capture_default_str();
    app.add_flag(
        "--allow-shutdown", raw.allow_shutdown,
        "Let everyone who can connect stop the server with the admin command shutdown. Without it, that is for "
        "those who come by a Unix-domain socket.");
}

void declare_process(CLI::App& app, sheafd_options& result, raw_options& raw) {
    app.add_option(
           "-v,--verbose", raw.verbose,
           "How much to log: FATAL, ALERT, CRITICAL, ERROR, WARNING, NOTICE, INFO, or DEBUG (also when no level "
           "is given). Default: INFO.")
        ->expected(0, 1)
        ->type_name("LEVEL");
    app.add_option("-l,--log-file", raw.log_file,
                   "Where to log: a file, stderr or none. SIGHUP opens the file again, for those who move it away.")
        ->type_name("PATH")
        ->capture_default_str();
    app.add_flag("--syslog", raw.syslog, "Log to syslog, and nowhere else.");
    app.add_option("-P,--pid-file", result.pid_file, "Write the process id to this file.")->type_name("PATH");
    app.add_option("-u,--user", result.user,
                   "The user to become when the addresses are listened on. Needs root. The queue's files in the data "
                   "directory are given to that user, and nothing else there; so is the directory if sheafd makes it.")
        ->type_name("NAME");
    app.add_flag("-d,--daemon", result.daemon,
                 "Go on in the background once connections are accepted; the command returns then.");
    app.add_flag("--coredump", result.core_dumps, "Leave a core when it crashes, however large.");
    app.add_option("-f,--file-descriptors", result.descriptors_max,
                   "How many files may be open; a connection is one. Default: as many as the system allows.")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 30))
        ->type_name("N");
    // It is expanded before the other words are read; here it is for the help and for what is left of it.
    app.add_option("--config-file", raw.ignored,
                   "Read options from this file, too, as they are written here, over any number of lines; those that "
                   "begin with # are comments. What the command line says comes after it, and counts.")
        ->type_name("PATH");
    app.add_flag("--check-args", raw.check_only, "Only check the options: 0 is the answer when they are right.");
}

std::string only_builtin(const std::string& queue) {
    if (queue == "builtin") return {};
    return "there is no queue \"" + queue +
           "\" here: background jobs are on the disk without it, where --data-dir says. What gearmand's libsqlite3 has "
           "left, sheaf "
           "queue import FILE brings here.";
}

// What gearmand has and this server need not have: taken, and not silently.
void declare_without_effect(CLI::App& app, raw_options& raw) {
    const auto option = [&](const char* name, const char* why) {
        app.add_option(name, raw.ignored, why)->expected(0, 1)->group("gearmand");
    };
    option("-t,--threads", "Taken for gearmand's sake: one thread does all the work.");
    option("--hashtable-buckets", "Taken for gearmand's sake: tables grow by themselves.");
    app.add_flag("-R,--round-robin", raw.ignored_flag,
                 "Taken for gearmand's sake: the functions of a worker always take turns.")
        ->group("gearmand");
    app.add_flag("--keepalive", raw.ignored_flag, "Taken for gearmand's sake: keepalive is always on.")
        ->group("gearmand");
    app.add_option("-q,--queue-type", raw.ignored,
                   "Taken for gearmand's sake: builtin, and no other. Where background jobs are kept, --data-dir and "
                   "--durability say.")
        ->check(only_builtin)
        ->group("gearmand");
}

void declare(CLI::App& app, sheafd_options& result, raw_options& raw) {
    app.set_version_flag("-V,--version", "sheafd " + std::string(runtime::version()));
    app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    declare_service(app, result, raw);
    declare_tls(app, result, raw);
    declare_http(app, raw);
    declare_jobs(app, result, raw);
    declare_queue(app, result, raw);
    declare_ends(app, result, raw);
    declare_process(app, result, raw);
    declare_without_effect(app, raw);
}

void note_what_has_no_effect(const CLI::App& app, sheafd_options& result) {
    if (app.count("--http-port") != 0 && app.count("--protocol") == 0)
        result.notices.emplace_back("--http-port has no effect without --protocol http");
    for (const char* name : {"--threads", "--hashtable-buckets"}) {
        if (app.count(name) != 0) result.notices.push_back(std::string(name) + " has no effect in this server");
    }
}

void settle(const CLI::App& app, const raw_options& raw, sheafd_options& result) {
    runtime::server_options& server = result.server;
    server.listen = listen_addresses(raw);
    server.listen_http = http_addresses(raw, server.listen);
    check_handle_prefix(server.handle_prefix);
    settle_queue(raw, result);
    settle_tls(server);
    server.packet_bytes_max = std::uint32_t{raw.payload_mib} << 20;  // in range: below 4096
    if (raw.timeout_unit == "s") server.timeouts = runtime::timeout_unit::seconds;
    server.shutdown =
        raw.allow_shutdown ? runtime::shutdown_command::from_everyone : runtime::shutdown_command::from_unix_sockets;
    const auto set = [](int given, int& value) {
        if (given > 0) value = given;
    };
    set(raw.keepalive_idle, server.keepalive.idle_seconds);
    set(raw.keepalive_interval, server.keepalive.interval_seconds);
    set(raw.keepalive_count, server.keepalive.count);
    result.verbose = read_verbosity(raw.verbose);
    server.verbosity = level_names[static_cast<std::size_t>(result.verbose)];
    read_log_target(raw, result);
    note_what_has_no_effect(app, result);
}

}  // namespace

std::optional<sheafd_options> parse_sheafd_options(int argc, char** argv, int& exit_code) {
    CLI::App app(about, "sheafd");
    sheafd_options result;
    raw_options raw;
    declare(app, result, raw);
    try {
        std::vector<std::string> words = settle_words({argv + 1, argv + argc});
        std::ranges::reverse(words);  // as CLI11 wants them
        app.parse(std::move(words));
        settle(app, raw, result);
    } catch (const CLI::ParseError& why) {
        exit_code = app.exit(why) == 0 ? 0 : exit_usage;
        return std::nullopt;
    }
    if (raw.check_only) {
        exit_code = 0;
        return std::nullopt;
    }
    return result;
}

}  // namespace sheaf::apps
