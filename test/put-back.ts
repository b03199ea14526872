import { afterAll, vi } from 'vitest'

// Files share a process, one after the other: what one has put in the place of something else is put back behind it.
afterAll(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})
