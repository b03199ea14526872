import type { Diagnostic } from '../../diagnostics/index.ts'
import type { ProgressEvent } from '../run-plan.ts'

/** What a watch tells. */
export type WatchEvent =
  | { readonly type: 'watching'; readonly services: readonly string[] }
  /** So many changes are about to be copied. */
  | { readonly type: 'syncing'; readonly service: string; readonly changes: number }
  /** They are in the containers. */
  | { readonly type: 'synced'; readonly service: string; readonly containers: readonly string[] }
  | { readonly type: 'rebuilding'; readonly services: readonly string[] }
  | { readonly type: 'rebuilt'; readonly services: readonly string[] }
  | { readonly type: 'restarted'; readonly services: readonly string[] }
  /** A line of the command of `sync+exec`. */
  | { readonly type: 'output'; readonly container: string; readonly line: string }
  /** Of a rebuild or a restart. */
  | { readonly type: 'progress'; readonly event: ProgressEvent }
  /** What went wrong, or not as it was meant; the watch goes on. */
  | { readonly type: 'problem'; readonly diagnostics: readonly Diagnostic[] }
