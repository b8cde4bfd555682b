#include "integration/interop/features.hpp"

namespace sheaf::test::interop {

std::string_view name_of(feature which) {
    switch (which) {
        case feature::foreground: return "foreground";
        case feature::background: return "background";
        case feature::data: return "data";
        case feature::warning: return "warning";
        case feature::exception: return "exception";
        case feature::failure: return "failure";
        case feature::status: return "status";
        case feature::job_status: return "job status";
        case feature::priority: return "priority";
        case feature::unique: return "unique";
        case feature::key: return "key";
        case feature::large: return "large";
    }
    return "?";
}

outcome ideal(feature which) {
    switch (which) {
        case feature::foreground: return {"complete olleh"};
        case feature::background: return {"created", "ran hello"};
        case feature::data: return {"data one", "data two", "complete three"};
        case feature::warning: return {"warning careful", "complete done"};
        case feature::exception: return {"exception gone wrong"};
        case feature::failure: return {"fail"};
        case feature::status: return {"status 1 4", "status 3 4", "complete done"};
        case feature::job_status: return {"created", "known 1 1 1 4"};
        case feature::priority: return {"ran high", "ran normal", "ran low"};
        case feature::unique: return {"complete first", "complete first", "ran first"};
        case feature::key: return {"complete hello", "ran hello with key"};
        case feature::large: return {"complete with the bytes reversed"};
    }
    return {};
}

}  // namespace sheaf::test::interop
