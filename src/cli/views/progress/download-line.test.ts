import { expect, it } from 'vitest'
import type { ProgressEvent } from '../../../project/run-plan.ts'
import { DownloadLine } from './download-line.ts'

const [A, B] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb']

function event(detail: string, current?: number, total?: number): ProgressEvent {
  const bytes = current === undefined || total === undefined ? {} : { current, total }
  const image = { operation: 'x', resource: 'Image x', kind: 'Image', name: 'x' }
  return { ...image, status: 'working', text: 'Pulling', detail, ...bytes }
}

it('shows each layer on its way with bytes and speed, and what ended last where none is', () => {
  const line = new DownloadLine()
  expect(line.after(event('v1 Pulling from team/app'), 0)).toBeUndefined()
  expect(line.after(event(`${A} Pulling fs layer`), 0)).toBe(`${A} Pulling fs layer`)
  expect(line.after(event(`${A} Downloading`, 0, 95_000_000), 1000)).toBe(`${A} 0B/95.0MB`)
  expect(line.after(event(`${A} Downloading`, 24_000_000, 95_000_000), 2000)).toBe(
    `${A} 24.0MB/95.0MB  24.0MB/s`,
  )
  expect(line.after(event(`${B} Downloading`, 999, 2_500_000_000), 2000)).toBe(
    `${A} 24.0MB/95.0MB  24.0MB/s   ${B} 999B/2.5GB`,
  )
  line.after(event(`${A} Pull complete`), 3000)
  expect(line.after(event(`${B} Pull complete`), 3000)).toBe(`${B} Pull complete`)
})
