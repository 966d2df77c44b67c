#pragma once

#include "tests/support/http_server.h"
#include "tests/support/iam_stand_in/iam_stand_in.h"

namespace muster::support {

// Control of a stand-in over HTTP, for tests in other languages. All are POST.
//
//   /test/token                          body: claims to merge; answers a signed token as text
//   /test/rotate                         see RotateKeys
//   /test/revoke                         body: the token to revoke
//   /test/revoke_user?id=ID              as of now
//   /test/role?id=ID&resource=R&action=N defines a role of one permission
//   /test/studio?namespace=NS&studio=S   see DefineStudio
//   /test/break?endpoint=E&manner=M      E: jwks, revocationlist, token, roles, context, all;
//                                        M: status followed by a number (status500), half, close,
//                                        silent; whole mends it
//   /test/calls?endpoint=E               answers how many calls came, as text
//
// Parameters stand in this order, unescaped. Anything else is 400 or 404.
HttpReply AnswerControl(IamStandIn& iam, const HttpCall& call);

}  // namespace muster::support
