import type { Workloads } from './prepare.ts'
import type { Report } from './report.ts'
import type { Tool } from './subjects.ts'

/** What every part measures with. */
export interface Bench {
  /** Where the parts write the projects that they measure; it goes with the run. */
  readonly folder: string
  /** Where our own engine has its state, images among it; it stays. */
  readonly state: string
  readonly workloads: Workloads
  readonly ours: Tool
  /** Absent where there is none to compare with. */
  readonly docker: Tool | undefined
  /** How often each figure is measured; one more run before is warming up. */
  readonly runs: number
  readonly report: Report
}

/** Those that are compared, ours first. */
export function toolsOf({ ours, docker }: Bench): readonly Tool[] {
  return docker === undefined ? [ours] : [ours, docker]
}
