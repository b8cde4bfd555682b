#include <cstdio>

#include "apps/job_address.hpp"
#include "apps/job_words.hpp"
#include "apps/sheaf_commands.hpp"

namespace sheaf::apps {

int run_job(const job_command& what) {
    const auto where = find_job(what.where, what.which);
    if (!where) return report("sheaf job", where.error());
    runtime::client client(asking(where->servers, what.timeout));
    const auto said = ask_about_job(client, where->words, what.timeout);
    if (!said) return report("sheaf job", said.error());
    const auto status = detail::read_status(said->said);
    if (!status) return report("sheaf job", status.error());
    const std::string text = what.json ? said->said + "\n" : words_of(*status, std::chrono::system_clock::now());
    std::fputs(text.c_str(), stdout);
    const bool is_bad = status->state == background_state::failed || status->state == background_state::unknown;
    return is_bad ? exit_failed : exit_ok;
}

}  // namespace sheaf::apps
