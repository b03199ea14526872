import { binaryBytes, decimalBytes } from '../../../notation/index.ts'
import type { ContainerUsage } from '../../../project/usage.ts'
import { ellipsis, shortId } from '../../views/listing/docker-text.ts'
import type { Listing } from '../../views/listing/listing.ts'

/** What containers use, with the fields of Docker's `stats`. */
export function statsListing(truncate: boolean): Listing<ContainerUsage> {
  return {
    fields: {
      BlockIO: {
        title: 'BLOCK I/O',
        of: ({ blockRead, blockWritten }) => `${decimalBytes(blockRead)} / ${decimalBytes(blockWritten)}`,
      },
      CPUPerc: { title: 'CPU %', of: ({ cpu }) => percent(cpu) },
      Container: { title: 'CONTAINER', of: ({ id }) => id },
      ID: { title: 'CONTAINER ID', of: ({ id }) => (truncate ? shortId(id) : id) },
      MemPerc: {
        title: 'MEM %',
        of: ({ memory, memoryLimit }) => percent(memoryLimit === 0 ? 0 : (memory / memoryLimit) * 100),
      },
      MemUsage: {
        title: 'MEM USAGE / LIMIT',
        of: ({ memory, memoryLimit }) => `${binaryBytes(memory)} / ${binaryBytes(memoryLimit)}`,
      },
      Name: { title: 'NAME', of: ({ name }) => name },
      NetIO: {
        title: 'NET I/O',
        of: ({ received, sent }) => `${decimalBytes(received)} / ${decimalBytes(sent)}`,
      },
      PIDs: { title: 'PIDS', of: ({ pids }) => String(pids) },
    },
    columns: ['ID', 'Name', 'CPUPerc', 'MemUsage', 'MemPerc', 'NetIO', 'BlockIO', 'PIDs'],
  }
}

const percent = (value: number): string => `${value.toFixed(2)}%`

/** Of a terminal; where it does not say, as much as there is. */
interface Size {
  readonly columns?: number
  readonly rows?: number
}

/** A frame over the one before: from the top, each line cut to the terminal's width, so that none wraps, and what is below erased. */
export function redraw(frame: string, { columns = 1_000, rows = 1_000 }: Size): string {
  const lines = frame.trimEnd().split('\n')
  // One row is left for the cursor, one for how many are left out.
  const shown =
    lines.length < rows ? lines : [...lines.slice(0, rows - 2), `… ${lines.length - rows + 2} more`]
  return `\x1b[H${shown.map(line => `${ellipsis(line, columns)}\x1b[K\n`).join('')}\x1b[J`
}
