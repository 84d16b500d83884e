#include "app/cli/join_report.h"

#include <cstdio>

namespace rondo::cli {

void JoinReport::tell(const JoinNews& news) const {
    const bool failure = news.kind == JoinNews::Kind::Over && !news.well;
    if (json_)
        std::fprintf(stderr, "%s\n", toLine(news).c_str());
    else if (failure || !quiet_)
        std::fprintf(stderr, "%s: %s\n", command_.c_str(), wordsOf(news).c_str());
}

int JoinReport::over(std::string why, bool well, bool mayRetry) const {
    JoinNews news;
    news.kind = JoinNews::Kind::Over;
    news.why = std::move(why);
    news.well = well;
    news.mayRetry = mayRetry;
    tell(news);
    return well ? kDone : kRunFailed;
}

}  // namespace rondo::cli
