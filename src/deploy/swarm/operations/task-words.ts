import type { TaskInspect } from '../../../api/types/index.ts'
import { approximateDuration } from '../../../notation/index.ts'

/** `web.1`, of a service on each node `web.NODE`. */
export function taskName({ Slot, NodeID = '' }: TaskInspect, service: string): string {
  return `${service}.${Slot === undefined || Slot === 0 ? NodeID.slice(0, 12) : Slot}`
}

/** Name of a service in the file. */
export function serviceKey(stack: string, name: string): string {
  return name.startsWith(`${stack}_`) ? name.slice(stack.length + 1) : name
}

/** `Running 5 minutes`, and why where it does not. */
export function taskStatus({ Status }: TaskInspect, now: number): string {
  const { State, Err, Timestamp } = Status
  const word = `${State[0]?.toUpperCase() ?? ''}${State.slice(1)}`
  const since = approximateDuration(now - Date.parse(Timestamp))
  return `${word} ${since}${Err ? `: ${Err}` : ''}`
}
