#pragma once

#include <string>

#include "lobby/provisioner.h"
#include "provision/engine_options.h"

// What engines are sent.
namespace muster::provision {

// Of POST /containers/create.
std::string ContainerBody(const DockerOptions& options, const lobby::ServerSpec& spec);
// Of POST /services/create.
std::string ServiceBody(const SwarmOptions& options, const lobby::ServerSpec& spec);
// The value of `filters` that leaves the deployment's own, ready for a query. `more` is inserted
// into the object: "\"type\":[\"container\"]".
std::string OwnFilter(const std::string& deployment, const std::string& more = "");

}  // namespace muster::provision
