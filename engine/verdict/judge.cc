#include <new>
#include <utility>

#include "engine/verdict/arguments.h"
#include "engine/verdict/rules.h"
#include "recant/verdict.h"

namespace recant {

class RECANT_HIDDEN Judge::Impl {
 public:
  Impl(StateReader& reader, Policy policy, Time as_of)
      : usable_(verdict::require_policy(policy)),
        rules_(reader, std::move(policy), as_of, verdict::AuthorReasons::kReckonAnew) {}

  Result<void> judge(const Item& item, Verdict& out) {
    verdict::tell({}, out);
    RECANT_TRY(usable_);
    RECANT_TRY(verdict::require_ids({&item, 1}, 0));
    auto ruling = rules_.judge(item);
    verdict::tell(ruling ? *ruling : verdict::Ruling(), out);
    if (!ruling) return std::unexpected(std::move(ruling).error());
    return {};
  }

 private:
  Result<void> usable_;
  verdict::Rules rules_;
};

Judge::Judge(StateReader& reader, Policy policy, Time as_of)
    : impl_(std::make_unique<Impl>(reader, std::move(policy), as_of)) {}
Judge::~Judge() = default;
Judge::Judge(Judge&&) noexcept = default;
Judge& Judge::operator=(Judge&&) noexcept = default;

Result<void> Judge::judge(const Item& item, Verdict& out) {
  try {
    return impl_->judge(item, out);
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kNoMemory, "out of memory");
  }
}

}  // namespace recant
