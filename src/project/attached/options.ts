/** What an attached `up` shows, and when it ends. */
export interface AttachOptions {
  readonly only: readonly string[]
  readonly except: readonly string[]
  readonly dependencies: boolean
  /** `any`: the first exit stops all; `failed`: the first exit with a code other than 0. */
  readonly abortOn: 'none' | 'any' | 'failed'
  readonly exitCodeFrom?: string
}
