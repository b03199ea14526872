import type { SleepTimes } from '../../api/types/index.ts'
import { parseLongDuration } from '../../notation/index.ts'
import { ofOurs, type ServiceInput } from './ports.ts'

/** When a service sleeps to which nobody comes; undefined: never. */
export function sleepTimes(input: ServiceInput): SleepTimes | undefined {
  const asked = input.operation.service['x-tscompose']?.sleep
  const Freeze = parseLongDuration(asked?.freeze ?? '') ?? 0
  const Stop = parseLongDuration(asked?.stop ?? '') ?? 0
  const times = Freeze === 0 ? undefined : { Freeze, ...(Stop === 0 ? {} : { Stop }) }
  return ofOurs(input, 'sleep', times, 'only our own engine wakes a service when somebody comes')
}
