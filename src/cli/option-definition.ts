/** One option as commander reads it: flags, help text, and how its value is collected. */
export interface OptionDefinition {
  readonly flags: string
  readonly help: string
  /** `list`: may be repeated, values are collected. `number`: a whole number. */
  readonly value?: 'list' | 'number'
  readonly choices?: readonly string[]
  /** Accepted for compatibility and not shown. */
  readonly hidden?: boolean
}
