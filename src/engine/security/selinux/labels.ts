import { failure } from '../../../diagnostics/index.ts'
import { parseContext, renderContext, type SecurityContext } from './context.ts'
import { heldBackLevel, sharedLevel } from './levels.ts'
import { parseLabels } from './options.ts'

/** The labels of a container, as the kernel writes them. */
export interface Labels {
  /** Of its processes; absent: that of the engine, or what the policy makes of it. */
  readonly process?: string
  /** Of file systems that are made for it, and of what is its alone. */
  readonly mount: string
}

/** What a policy gives containers (`lxc_contexts`), without categories. */
export interface DefaultLabels {
  readonly process: SecurityContext
  readonly file: SecurityContext
}

/** What is asked of SELinux for a container. */
export interface LabelRequest {
  /** Of `label=…`, as they were given. */
  readonly options: readonly string[]
  readonly privileged: boolean
  /** It is in the host's pid or ipc namespace. */
  readonly inHosts: boolean
  /** Labels of the processes of those whose pid or ipc namespace it joins, where they have one. */
  readonly joined: readonly string[]
}

/**
 * The labels of a container, as Docker chooses them: what options say counts before all else; the processes of a privileged container,
 * and of one in a pid or ipc namespace of the host, have none; who joins another's has that one's. `newLevel` gives one that nobody has.
 * Fails with `SECURITY_OPTION_INVALID`, and with `SELINUX_JOINED` where those whom it joins have different ones.
 */
export function decideLabels(
  request: LabelRequest,
  defaults: DefaultLabels,
  newLevel: (level: string) => string,
): Labels {
  const { options, privileged, inHosts } = request
  const wanted = parseLabels(options)
  if (wanted.disable || (options.length === 0 && (privileged || inHosts))) return withoutProcess(defaults)
  const other = options.length === 0 ? joinedLabel(request.joined) : undefined
  const { filetype, ...parts } = wanted
  const begun = { ...defaults.process, ...other, ...parts }
  const level = other?.level ?? parts.level ?? (begun.level === undefined ? undefined : newLevel(begun.level))
  const process = withLevel(begun, level)
  const { user, type } = defaults.file
  const file = { ...defaults.file, user: parts.user ?? user, type: filetype ?? type }
  const mount = renderContext(withLevel(file, level))
  return privileged ? { mount } : { process: renderContext(process), mount }
}

/** The label of what several containers may use: that of one of them, without categories. */
export function sharedLabel(label: string): string {
  const context = parseContext(label)
  return context?.level === undefined ? label : renderContext(withLevel(context, sharedLevel(context.level)))
}

/** The level of a label. */
export function levelIn(label: string): string | undefined {
  return parseContext(label)?.level
}

function withoutProcess({ file }: DefaultLabels): Labels {
  return {
    mount: renderContext(withLevel(file, file.level === undefined ? undefined : heldBackLevel(file.level))),
  }
}

function withLevel(context: SecurityContext, level: string | undefined): SecurityContext {
  return level === undefined ? context : { ...context, level }
}

function joinedLabel([first, ...more]: readonly string[]): SecurityContext | undefined {
  const others = [...new Set([first, ...more])]
  if (first === undefined || others.length === 1) return first === undefined ? undefined : parseContext(first)
  throw failure({
    code: 'SELINUX_JOINED',
    kind: 'conflict',
    summary: `the containers whose pid and ipc namespaces are joined have different SELinux labels: ${others.join(', ')}`,
    hint: 'say by `security_opt: ["label=level:…"]` which level the container is to have',
  })
}
