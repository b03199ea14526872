import type { RuntimeMount, UserNamespace } from '../runtime/index.ts'

/** What a run's ids are: those of a range that its group has, or the host's, and why. */
export type RunIds =
  | { readonly group: string /** The host's id of user 0. */; readonly first: number }
  | {
      readonly reason: string
      /** It was asked for. */
      readonly asked?: true
      /** It holds for all containers of this machine, and was told once. */
      readonly ofMachine?: true
    }

/** The user namespaces of groups of containers; src/engine/groups makes them. */
export interface UserNamespaceTable {
  /** Why no container of this engine has one; undefined where they have. */
  refusal(): Promise<RunIds | undefined>
  /** The namespace of a group, made when it is first needed. Its range stays the group's while it has containers, and is soon somebody else's after. */
  of(group: string): Promise<UserNamespace>
  /** The first of these mounts whose ids cannot be mapped, as a path of the host. */
  unmappable(mounts: readonly RuntimeMount[]): Promise<string | undefined>
  /** Lets go of namespaces and ranges of groups that have no containers, but for a few; `all`: of those, too, and of what builds have. */
  sweep(options?: { readonly all?: boolean }): Promise<void>
}
