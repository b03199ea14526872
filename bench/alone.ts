import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench } from './bench.ts'
import { time } from './measure.ts'
import { buildBusybox } from './prepare.ts'
import type { Row } from './table.ts'

/** A service with a gigabyte of data, which a database has in files about as large, and a limit. */
const stackOf = (memory: string): string => `name: alone
services:
  db: {image: bench-busybox, command: sleep 100000, init: true, stop_grace_period: 0s, mem_limit: ${memory}, volumes: ["data:/data"]}
volumes: {data: {}}
`
const FILL = 'for i in 1 2 3 4; do dd if=/dev/urandom of=/data/$i bs=1M count=256 2>/dev/null; done; sync'

/** What no other tool does, so that there is nothing to compare it with: in seconds from the command's start to its end, with what we promise. */
export function measureAlone({ folder, ours, runs, report }: Bench): void {
  const project = join(folder, 'alone')
  mkdirSync(project, { recursive: true })
  const write = (memory: string): void => writeFileSync(join(project, 'compose.yaml'), stackOf(memory))
  const take = (...command: string[]): number => time(ours.run(project, ...command))
  const rows = {
    limit: rowOf('up -d, another limit, hot', 0.08),
    save: rowOf('snapshot save, 1 GB', 0.3),
    restore: rowOf('snapshot restore, 1 GB', 0.3),
    clone: rowOf('up -d --from, 1 GB, new project', 0.3),
  }
  buildBusybox(ours, folder)
  write('512m')
  take('up', '-d')
  take('exec', '-T', 'db', 'sh', '-c', FILL)
  try {
    // The first pass is warming up.
    for (let run = 0; run <= runs; run += 1) {
      write(run % 2 === 0 ? '600m' : '512m')
      const limit = take('up', '-d')
      // What nobody has written to since the last time need not be kept once more.
      take('exec', '-T', 'db', 'sh', '-c', `echo ${run} > /data/run`)
      const save = take('snapshot', 'save', 'one')
      const restore = take('snapshot', 'restore', 'one')
      const clone = take('-p', 'alone-clone', 'up', '-d', '--from', 'alone/one')
      take('-p', 'alone-clone', 'down', '-v')
      take('snapshot', 'rm', 'one')
      if (run === 0) continue
      rows.limit.ours.push(limit)
      rows.save.ours.push(save)
      rows.restore.ours.push(restore)
      rows.clone.ours.push(clone)
    }
  } finally {
    take('down', '-v')
  }
  report.print(runs, Object.values(rows))
}

function rowOf(name: string, most: number): Row & { readonly ours: number[] } {
  return { name, target: undefined, most, ours: [], theirs: undefined }
}
