/** What an operation works on: a word for its kind, and the engine's name of it, also after a replacement. */
export interface Resource<Kind extends string = string> {
  readonly kind: Kind
  readonly name: string
}

/** One attribute that differs: what the engine has, what the file wants; undefined = absent. JSON text, secrets masked. */
export interface Change {
  readonly path: string
  readonly from: string | undefined
  readonly to: string | undefined
  /** Of a container that is there. */
  readonly reach?: ChangeReach
  /** Where the file says what is wanted. */
  readonly place?: { readonly file: string; readonly line: number; readonly column: number }
}

/** Whether a difference can reach a container while it runs, or takes another one, and then why. */
export type ChangeReach = { readonly kind: 'hot' } | { readonly kind: 'recreate'; readonly because: string }

/** What stands in a change in place of a value that is likely to be a secret. */
export const SECRET = '(secret)'

/** What stands in a change in place of a value that may be, or have in it, a secret. */
export const HIDDEN = '(hidden)'

/** What every engine's operations have: enough to order, show and follow a plan without knowing what it does. */
export interface PlannedOperation {
  /** Unique in the plan, readable: `container:lamp-web-1:create`. */
  readonly id: string
  readonly type: string
  /** Operations that must have succeeded before this one starts. */
  readonly after: readonly string[]
  readonly resource: Resource
  /** What happens to the resource as a whole, all its operations together: the unit of the rendered plan. */
  readonly action: string
  /** Why, for people: `configuration changed`, `image is missing`. */
  readonly cause: string
  readonly changes: readonly Change[]
  /** Plain data: a condition that is looked at once the operations before it are done; without it nothing happens. */
  readonly guard?: object
  /** A failure becomes a warning and does not stop what comes after. */
  readonly bestEffort?: true
}
