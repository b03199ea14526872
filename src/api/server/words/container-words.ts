import { byRule, type Words, type WordTable } from './words.ts'

const CREATE_FAILED =
  'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: ' +
  'unable to start container process: error during container init: '
/** What Docker thinks of each such error. */
const NOT_A_FOLDER =
  ': Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type'
const EXEC_FAILED = 'OCI runtime exec failed: exec failed: unable to start container process: '

const LOGGING_FAILED = 'failed to create task for container: failed to initialize logging driver: '

/** What could not be run: by the container's start, a step of a build, or an exec. */
const inProcess =
  (words: (command: string) => string): Words =>
  ({ detail = '' }, asked) =>
    `${asked?.name === 'execStart' ? EXEC_FAILED : CREATE_FAILED}exec: "${detail}": ${words(detail)}`

const NO_ADDRESS = `invalid endpoint settings:
* user specified IP address is supported on user defined networks only
* user specified IP address is supported only when connecting to networks with user configured subnets`

/** What a container is told that does not go with another's network. */
const MODES: Readonly<Record<string, string>> = {
  'hostname container': 'conflicting options: hostname and the network mode',
  'hosts container': 'conflicting options: custom host-to-IP mapping and the network mode',
  'links container':
    "conflicting options: container type network can't be used with links. This would result in undefined behavior",
  'links host':
    "conflicting options: host type networking can't be used with links. This would result in undefined behavior",
  'dns container': 'conflicting options: dns and the network mode',
  'ports container': 'conflicting options: port publishing and the container type network mode',
  'join host':
    'container sharing network namespace with another container or host cannot be connected to any other network',
  'join container':
    'container sharing network namespace with another container or host cannot be connected to any other network',
  'join none':
    'container cannot be connected to multiple networks with one of the networks in private (none) mode',
  'connect host': 'cannot connect container to host network - container must be created in host network mode',
  'connect none':
    'container cannot be connected to multiple networks with one of the networks in private (none) mode',
  'endpoints none': `invalid config for network none: ${NO_ADDRESS}`,
  'address none': `invalid config for network none: ${NO_ADDRESS}`,
  'address bridge': NO_ADDRESS,
  'alias bridge':
    'invalid endpoint settings:\nnetwork-scoped alias is supported only for containers in user defined networks',
  'leave host': 'cannot disconnect container from host network - container was created in host network mode',
}

const NAMESPACES: Readonly<Record<string, string>> = {
  'HostConfig.IpcMode': 'IPC',
  'HostConfig.PidMode': 'PID',
  'HostConfig.UTSMode': 'UTS',
  'HostConfig.CgroupnsMode': 'cgroup namespace',
}

/** Containers, what is in them and what they are told. */
export const CONTAINER_WORDS: WordTable = {
  NAME_IN_USE: ({ name, holder }) =>
    `Conflict. The container name "/${name}" is already in use by container "${holder}". You have to remove (or rename) that container to be able to reuse that name.`,
  CONTAINER_NOT_FOUND: byRule({
    joined: ({ reference }) => `joining network namespace of container: No such container: ${reference}`,
    linked: ({ reference }) => `could not get container for ${reference}: No such container: ${reference}`,
  }),
  PATH_NOT_FOUND: ({ path }, asked) => {
    if (path === undefined || asked?.params['id'] === undefined) return undefined
    return `Could not find the file ${path} in container ${asked.params['id']}`
  },
  CONTAINER_PAUSED: ({ id, name, state }, asked) => {
    if (state === 'already paused') return `Container ${id} is already paused`
    return state === 'paused'
      ? `Container ${asked?.params['id'] ?? name} is paused, unpause the container before exec`
      : undefined
  },
  CONTAINER_NOT_PAUSED: ({ id }) => `Container ${id} is not paused`,
  SIGNAL_INVALID: ({ signal = '' }) =>
    /^[1-9]\d*$/.test(signal)
      ? `the linux daemon does not support signal ${signal}`
      : `invalid signal: ${signal}`,
  RESTART_INVALID: byRule({
    unknown: ({ policy }) =>
      `invalid restart policy: unknown policy '${policy}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
    count: () => "invalid restart policy: maximum retry count can only be used with 'on-failure'",
    negative: () => 'invalid restart policy: maximum retry count cannot be negative',
    'auto-remove': () => "can't create 'AutoRemove' container with restart policy",
    'auto-removed': ({ id }) =>
      `Cannot update container ${id}: Restart policy cannot be updated because AutoRemove is enabled for the container`,
  }),
  NAMESPACE_MODE: ({ mode }, _, { path }) => {
    const noun = NAMESPACES[path ?? '']
    return noun === undefined ? undefined : `invalid ${noun} mode: ${mode}`
  },
  HOSTS_INVALID: byRule({
    form: ({ text }) => `bad format for add-host: "${text}"`,
    address: ({ text }) => `invalid IP address in add-host: "${text}"`,
  }),
  ENV_INVALID: ({ entry }) => `invalid environment variable: ${entry}`,
  LINK_INVALID: ({ link }) => `bad format for links: ${link}`,
  PORT_INVALID: ({ port }) => (port === undefined ? undefined : `invalid port specification: "${port}"`),
  PATH_NO_FOLDER: () => 'extraction point is not a directory',
  LINK_NOT_RUNNING: ({ name, container, alias }) =>
    `Cannot link to a non running container: /${name} AS /${container}/${alias}`,
  NETWORK_MODE: ({ option, mode }, asked) => {
    const words = MODES[`${option} ${mode}`]
    const isCreate = asked?.name === 'containerCreate' && mode === 'bridge'
    return isCreate ? `invalid config for network ${mode}: ${words}` : words
  },
  HOSTNAME_INVALID: ({ mode }) =>
    mode === 'host' ? 'conflicting options: hostname and the UTS mode' : undefined,
  WORKING_DIR_INVALID: ({ folder }, asked) =>
    asked?.name === 'execStart'
      ? 'OCI runtime exec failed: exec failed: Cwd must be an absolute path'
      : `the working directory '${folder}' is invalid, it needs to be an absolute path`,
  COMMAND_NOT_FOUND: inProcess(command =>
    command.includes('/')
      ? `stat ${command}: no such file or directory`
      : 'executable file not found in $PATH',
  ),
  COMMAND_MISSING: () => 'no command specified',
  COMMAND_NOT_EXECUTABLE: ({ errno }, asked, diagnostic) =>
    inProcess(() => errno ?? 'permission denied')(diagnostic.facts ?? {}, asked, diagnostic),
  WORKING_DIR_MISSING: ({ path, errno }, asked) =>
    `${asked?.name === 'execStart' ? EXEC_FAILED : CREATE_FAILED}chdir to cwd ("${path}") set in config.json failed: ${errno}${errno === 'not a directory' ? NOT_A_FOLDER : ''}`,
  WORKING_DIR_BLOCKED: ({ path }) => `Cannot mkdir: ${path} is not a directory`,
  USER_INVALID: byRule({ range: () => 'uids and gids must be in range 0-2147483647' }),
  USER_UNKNOWN: ({ user }) => `unable to find user ${user}: no matching entries in passwd file`,
  GROUP_UNKNOWN: ({ group }) => `unable to find group ${group}: no matching entries in group file`,
  LOG_OPTION: byRule({
    unknown: ({ option, driver }) => `unknown log opt '${option}' for ${driver} log driver`,
    'max-size': ({ value }) => `${LOGGING_FAILED}invalid size: '${value}'`,
    'max-file': () => `${LOGGING_FAILED}max-file cannot be less than 1`,
  }),
  PS_ARGS: byRule({
    pid: () => "Couldn't find PID field in ps output",
    column: ({ column }) => `ps: error: unknown user-defined format specifier "${column}"`,
  }),
  LOG_DRIVER: ({ driver }) => `error looking up logging plugin ${driver}: plugin "${driver}" not found`,
  RUNTIME_UNKNOWN: ({ runtime }) => `unknown or invalid runtime name: ${runtime}`,
  DEVICE_DRIVER: ({ driver, capabilities }) =>
    `could not select device driver "${driver}" with capabilities: ${capabilities}`,
  STORAGE_OPTION: () => "--storage-opt is supported only for overlay over xfs with 'pquota' mount option",
  ISOLATION_INVALID: ({ isolation }) => `invalid isolation (${isolation}): linux only supports 'default'`,
  CAPABILITY_UNKNOWN: ({ capability = '' }, _, { path = '' }) =>
    `invalid ${path.replace('HostConfig.', '')}: unknown capability: "CAP_${capability.replace(/^CAP_/i, '').toUpperCase()}"`,
  // One that is no name and value is refused before the others.
  SECURITY_OPTION_INVALID: ({ option = '' }) =>
    `invalid --security-opt ${/[=:]/.test(option) ? 2 : 1}: "${option}"`,
  DEVICE_NOT_FOUND: ({ device, path }) => {
    if (path !== undefined) return `stat ${path}: no such file or directory`
    return device === undefined
      ? undefined
      : `error gathering device information while adding custom device "${device}": no such file or directory`
  },
}
