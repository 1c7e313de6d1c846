// SPDX-License-Identifier: Apache-2.0
#include "environment/mends.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace meridian::environment {

namespace {

/// "%" stands for the diagnosis' argument.
struct Row {
  Cause cause;
  const char* name;
  const char *machine, *docker, *compose, *kubernetes, *note;
};

#define MERIDIAN_HOST_MOUNT                                                                      \
  "--mount type=bind,source=/,target=%,readonly,bind-propagation=rslave",                        \
      "volumes: [{type: bind, source: /, target: %, read_only: true, bind: {propagation: "       \
      "rslave}}]",                                                                               \
      "volumes: [{name: host, hostPath: {path: /}}]; volumeMounts: [{name: host, mountPath: %, " \
      "readOnly: true, mountPropagation: HostToContainer}]"
#define MERIDIAN_CAPABILITY(name) \
  "--cap-add " name, "cap_add: [" name "]", "securityContext: {capabilities: {add: [" name "]}}"

constexpr std::array kRows = {
    Row{Cause::kNone, "", "", "", "", "", ""},
    Row{Cause::kHostRootMissing, "host-root-missing", "--host-root DIR of a folder that is there",
        MERIDIAN_HOST_MOUNT, ""},
    Row{Cause::kHostRootNotMounted, "host-root-not-mounted", "", MERIDIAN_HOST_MOUNT,
        "it is looked for at /host, MERIDIAN_HOST_ROOT or --host-root"},
    Row{Cause::kHostRootNotRecursive, "host-root-not-recursive", "", MERIDIAN_HOST_MOUNT,
        "without bind-nonrecursive (bind-recursive=disabled, bind: {recursive: disabled}): every "
        "other file system of the machine is an empty folder"},
    Row{Cause::kHostRootPrivate, "host-root-private", "", MERIDIAN_HOST_MOUNT,
        "bind-propagation=rslave"},
    Row{Cause::kMountNotSeen, "mount-not-seen", "", MERIDIAN_HOST_MOUNT,
        "bind-propagation=rslave shows what is mounted after the container started; until then, "
        "start it anew"},
    Row{Cause::kNoStore, "no-store", "--store KIND=ROOT[,STATE] for a store at an unusual place",
        "--store KIND=ROOT[,STATE] after the command", "command: [..., --store, KIND=ROOT]",
        "args: [..., --store, KIND=ROOT]", "or there is no engine on this machine"},
    Row{Cause::kStoreRefused, "store-refused", "run as root", "--user 0", "user: \"0\"",
        "securityContext: {runAsUser: 0}", ""},
    Row{Cause::kNoDacReadSearch, "no-dac-read-search", "run as root, or with CAP_DAC_READ_SEARCH",
        "--user 0 --cap-add DAC_READ_SEARCH", "user: \"0\"; cap_add: [DAC_READ_SEARCH]",
        "securityContext: {runAsUser: 0, capabilities: {add: [DAC_READ_SEARCH]}}",
        "engines give capabilities to uid 0 alone"},
    Row{Cause::kNoSysAdmin, "no-sys-admin", "run as root, or with CAP_SYS_ADMIN",
        MERIDIAN_CAPABILITY("SYS_ADMIN"),
        "a strong capability: only where deleted directories of writable layers matter"},
    Row{Cause::kNoSysPtrace, "no-sys-ptrace", "run as root, or with CAP_SYS_PTRACE",
        MERIDIAN_CAPABILITY("SYS_PTRACE"), ""},
    Row{Cause::kTracingRefused, "tracing-refused",
        "run outside of the policy that refuses it (Landlock, Yama)",
        "--security-opt apparmor=unconfined", "security_opt: [apparmor:unconfined]",
        "securityContext: {appArmorProfile: {type: Unconfined}}", ""},
    Row{Cause::kUserNamespace, "user-namespace", "run outside of the user namespace",
        "--userns host", "userns_mode: host", "hostUsers: true", ""},
    Row{Cause::kAppArmor, "apparmor", "a profile that lets Meridian read and trace",
        "--security-opt apparmor=unconfined", "security_opt: [apparmor:unconfined]",
        "securityContext: {appArmorProfile: {type: Unconfined}}", ""},
    Row{Cause::kSelinux, "selinux", "a domain that may read the engine's files",
        "--security-opt label=disable", "security_opt: [label:disable]",
        "securityContext: {seLinuxOptions: {type: spc_t}}", ""},
    Row{Cause::kNoProcfs, "no-procfs", "mount -t proc proc /proc", MERIDIAN_HOST_MOUNT,
        "the machine's /proc comes with a recursive mount of its root"},
    Row{Cause::kProcfsHidden, "procfs-hidden", "run as root, or with CAP_SYS_PTRACE", "--user 0",
        "user: \"0\"", "securityContext: {runAsUser: 0}",
        "or CAP_SYS_PTRACE; or, on the machine: mount -o remount,hidepid=0 /proc"},
    Row{Cause::kAttributesRefused, "attributes-refused", "a file system with extended attributes",
        "", "", "", "the kernel or a seccomp profile refuses getxattr"},
    Row{Cause::kOpenat2Refused, "openat2-refused", "",
        "--security-opt seccomp=FILE, as `meridian deploy seccomp` writes it",
        "security_opt: [seccomp:FILE]",
        "securityContext: {seccompProfile: {type: Localhost, localhostProfile: FILE}}",
        "a profile that knows openat2"},
    Row{Cause::kOpenat2Missing, "openat2-missing", "Linux 5.6", "--runtime runc", "runtime: runc",
        "no runtimeClassName", "gVisor has none"},
    Row{Cause::kSandboxPartial, "sandbox-partial",
        "Linux 6.2 with landlock among its lsm=, and seccomp", "--runtime runc", "runtime: runc",
        "no runtimeClassName",
        "gVisor has no Landlock; --require-sandbox full refuses to scan with less"},
    Row{Cause::kNoLandlock, "no-landlock", "Linux 6.2 with landlock among its lsm=",
        "--runtime runc", "runtime: runc", "no runtimeClassName", "gVisor has no Landlock"},
    Row{Cause::kNoCache, "no-cache", "--cache DIR of a folder that is yours alone to write",
        "--mount type=volume,source=meridian-cache,target=%",
        "volumes: [{type: volume, source: meridian-cache, target: %}]",
        "volumes: [{name: cache, emptyDir: {}}]; volumeMounts: [{name: cache, mountPath: %}]",
        "--cache none says that none is wanted"},
    Row{Cause::kNoState, "no-state", "--state DIR of a folder that is yours alone to write",
        "--mount type=volume,source=meridian-state,target=%",
        "volumes: [{type: volume, source: meridian-state, target: %}]",
        "volumes: [{name: state, emptyDir: {}}]; volumeMounts: [{name: state, mountPath: %}]",
        "--state none says that none is wanted"},
    Row{Cause::kReportRefused, "report-refused", "a folder that may be written to",
        "--mount type=bind,source=DIR,target=%", "volumes: [{type: bind, source: DIR, target: %}]",
        "volumes: [{name: report, hostPath: {path: DIR}}]; volumeMounts: [{name: report, "
        "mountPath: %}]",
        "or no --output: the report goes to standard output"},
    Row{Cause::kNoScratch, "no-scratch", "TMPDIR=DIR of a folder that may be written to",
        "--tmpfs %", "tmpfs: [%]",
        "volumes: [{name: scratch, emptyDir: {medium: Memory}}]; volumeMounts: [{name: scratch, "
        "mountPath: %}]",
        "gVisor has no unnamed files there either"},
    Row{Cause::kPluginCapability, "plugin-capability", "run as root", MERIDIAN_CAPABILITY("%"), ""},
    Row{Cause::kPluginHostNetwork, "plugin-host-network", "", "--network host",
        "network_mode: host", "hostNetwork: true", ""},
    Row{Cause::kPluginHostPid, "plugin-host-pid", "", "--pid host", "pid: host", "hostPID: true",
        ""},
    Row{Cause::kPluginNetwork, "plugin-network", "", "--network NETWORK", "networks: [NETWORK]", "",
        ""},
    Row{Cause::kPluginNeedUnknown, "plugin-need-unknown", "", "", "", "",
        "a newer Meridian may know it"},
    Row{Cause::kPluginData, "plugin-data",
        "meridian data import FEED... (`meridian data import --help`), or --data-dir DIR",
        "--env MERIDIAN_DATA=/host/var/lib/meridian/data",
        "environment: {MERIDIAN_DATA: /host/var/lib/meridian/data}",
        "env: [{name: MERIDIAN_DATA, value: /host/var/lib/meridian/data}]",
        "imported on the machine, by root: nothing fetches it"},
    Row{Cause::kPrivileged, "privileged", "",
        "no --privileged; --cap-drop ALL --cap-add DAC_READ_SEARCH",
        "no privileged; cap_drop: [ALL]; cap_add: [DAC_READ_SEARCH]",
        "securityContext: {privileged: false, capabilities: {drop: [ALL], add: [DAC_READ_SEARCH]}}",
        ""},
    Row{Cause::kExtraCapabilities, "extra-capabilities", "",
        "--cap-drop ALL --cap-add DAC_READ_SEARCH", "cap_drop: [ALL]; cap_add: [DAC_READ_SEARCH]",
        "securityContext: {capabilities: {drop: [ALL], add: [DAC_READ_SEARCH]}}", ""},
    Row{Cause::kHostRootWritable, "host-root-writable", "", MERIDIAN_HOST_MOUNT, "readonly"},
    Row{Cause::kSubmountsWritable, "submounts-writable", "",
        "--mount "
        "type=bind,source=/,target=%,readonly,bind-recursive=readonly,bind-propagation=rprivate",
        "volumes: [{type: bind, source: /, target: %, bind: {recursive: readonly, propagation: "
        "rprivate}}]",
        "volumeMounts: [{name: host, mountPath: %, readOnly: true, recursiveReadOnly: Enabled, "
        "mountPropagation: None}]",
        "(Docker 25, Linux 5.12) at the price of rslave: engines make a whole tree read-only only "
        "where nothing is mounted into it later, so both cannot be had. With rslave, uid 0 can "
        "write where a file's "
        "mode lets it; Meridian confines itself (host confinement)"},
    Row{Cause::kContainerWritable, "container-writable", "", "--read-only", "read_only: true",
        "securityContext: {readOnlyRootFilesystem: true}", "with a tmpfs at /tmp"},
    Row{Cause::kNewPrivileges, "new-privileges", "", "--security-opt no-new-privileges",
        "security_opt: [no-new-privileges:true]",
        "securityContext: {allowPrivilegeEscalation: false}", ""},
    Row{Cause::kNoSeccomp, "no-seccomp", "",
        "no seccomp=unconfined; --security-opt seccomp=FILE, as `meridian deploy seccomp` writes "
        "it",
        "security_opt: [seccomp:FILE]",
        "securityContext: {seccompProfile: {type: Localhost, localhostProfile: FILE}}", ""},
    Row{Cause::kOpenByHandle, "open-by-handle", "",
        "--security-opt seccomp=FILE, as `meridian deploy seccomp` writes it",
        "security_opt: [seccomp:FILE]",
        "securityContext: {seccompProfile: {type: Localhost, localhostProfile: FILE}}",
        "engines' own profiles allow the call once CAP_DAC_READ_SEARCH is added"},
    Row{Cause::kHostNetwork, "host-network", "", "--network none", "network_mode: none",
        "hostNetwork: false", ""},
    Row{Cause::kHostPid, "host-pid", "", "no --pid host", "no pid: host", "hostPID: false", ""},
    Row{Cause::kNetwork, "network", "", "--network none", "network_mode: none",
        "a NetworkPolicy that allows no egress", ""},
    Row{Cause::kEngineSocket, "engine-socket", "", "no mount at %", "no volume at %",
        "no volumeMount at %", "Meridian reads the engine's files and asks no daemon"},
    Row{Cause::kNoMemoryLimit, "no-memory-limit", "", "--memory 1g --memory-swap 1g",
        "mem_limit: 1g", "resources: {limits: {memory: 1Gi}}",
        "`meridian deploy` computes one from what the plugins declare"},
    Row{Cause::kNoProcessLimit, "no-process-limit", "", "--pids-limit 128", "pids_limit: 128",
        "podPidsLimit in the kubelet's configuration", ""},
    Row{Cause::kNoProcessorLimit, "no-processor-limit", "", "--cpus 2", "cpus: 2",
        "resources: {limits: {cpu: 2}}", ""},
};

#undef MERIDIAN_HOST_MOUNT
#undef MERIDIAN_CAPABILITY

const Row& row_of(Cause cause) {
  const auto* const found = std::find_if(kRows.begin(), kRows.end(),
                                         [cause](const Row& row) { return row.cause == cause; });
  return found == kRows.end() ? kRows.front() : *found;
}

std::string filled(std::string_view text, const std::string& argument) {
  std::string out;
  for (const char c : text) {
    if (c == '%') {
      out += argument;
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

const char* to_text(Cause cause) { return row_of(cause).name; }

Mend mend_of(const Diagnosis& diagnosis) {
  const Row& row = row_of(diagnosis.cause);
  const std::string& argument = diagnosis.argument;
  return {filled(row.machine, argument), filled(row.docker, argument),
          filled(row.compose, argument), filled(row.kubernetes, argument),
          filled(row.note, argument)};
}

std::string mend_for(const Container& container, const Diagnosis& diagnosis) {
  const Mend mend = mend_of(diagnosis);
  const std::string& option = !container.inside         ? mend.machine
                              : container.is_kubernetes ? mend.kubernetes
                                                        : mend.docker;
  if (option.empty() || mend.note.empty()) return option + mend.note;
  return option + " (" + mend.note + ")";
}

}  // namespace meridian::environment
