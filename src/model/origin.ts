import type { Range } from '../diagnostics/index.ts'

/** An attribute's place in the model: keys, and indices of list items. Never a dotted string, keys may hold dots. */
export type Path = readonly (string | number)[]

/** `services.web.ports[0]`, for people. */
export function renderPath(path: Path): string {
  let text = ''
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`
    else text += text === '' ? segment : `.${segment}`
  }
  return text
}

/** The rules that make values which nobody wrote, or fill in what a short form leaves out. */
export type OriginRule =
  | 'build-context'
  | 'content-of-variable'
  | 'create-host-path'
  | 'default-network'
  | 'dependency-condition'
  | 'dependency-required'
  | 'device-count'
  | 'device-permissions'
  | 'device-target'
  | 'dockerfile'
  | 'empty'
  | 'env-file'
  | 'env-file-required'
  | 'external-name'
  | 'image-command'
  | 'implied-by-cgroup'
  | 'implied-by-ipc'
  | 'implied-by-links'
  | 'implied-by-network_mode'
  | 'implied-by-pid'
  | 'implied-by-uts'
  | 'implied-by-volumes_from'
  | 'label-file'
  | 'mount-type'
  | 'pass-through'
  | 'port-mode'
  | 'port-protocol'
  | 'project-folder'
  | 'project-name'
  | 'replicas-of-scale'
  | 'resource-name'
  | 'secret-target'
  | 'ulimit-part'

/** A variable that went into a value, and where it has its own value from. */
export interface VariableOrigin {
  readonly name: string
  /** Absent where it is not set. */
  readonly value?: string
  /** `file`: a line of a dotenv file; `service`: the environment of the service, which an env_file may refer to. */
  readonly source: 'environment' | 'file' | 'project-name' | 'service' | 'unset'
  /** The place, for `file` and `service`. */
  readonly range?: Range
  /** What the template made of it: the default of `:-`, the alternate of `:+`, nothing, or its value. */
  readonly used: 'value' | 'default' | 'alternate' | 'blank'
  /** The text of that default or alternate. */
  readonly text?: string
}

/** One step on the way of a value from the text where it stands to where it is in the model. */
export type OriginStep =
  | { readonly kind: 'include'; readonly file: string; readonly range?: Range }
  | { readonly kind: 'extends'; readonly file: string; readonly service: string; readonly range?: Range }
  /** `*name`; `merge` where `<<` spreads it. */
  | { readonly kind: 'alias'; readonly name: string; readonly merge: boolean; readonly range: Range }

/** Where a value came from, for diagnostics and `explain`. */
export interface Origin {
  /** Where it is written, or what a rule made it from; absent for what follows from no text. */
  readonly range?: Range
  /** What was written there, before interpolation; blank where nothing was. */
  readonly written: string
  /** The rule that made it; absent for what is written as it is. */
  readonly rule?: OriginRule
  /** Variables that went into the value. */
  readonly variables: readonly VariableOrigin[]
  /** How it came from there into the model, the outermost step first; empty where it is written in its place. */
  readonly through: readonly OriginStep[]
  /** The values that this one replaced, the latest first. */
  readonly overrode: readonly OverriddenOrigin[]
}

/** A value that lost, and where it stands. */
export interface OverriddenOrigin extends Omit<Origin, 'overrode'> {
  /** Plain data; short forms as they are written. */
  readonly value: unknown
}

/** Finds the origin of a value of the project by its path, disabled services included; undefined where there is none. */
export interface Origins {
  of(path: Path): Origin | undefined
}
