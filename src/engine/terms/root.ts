import type { Term } from './term.ts'

/** The root filesystem and the /dev/shm of the container's own. */
export interface RootTerms {
  readonly readonly: boolean
  /** Bytes of /dev/shm. */
  readonly shmSize?: number
}

type Own = 'ReadonlyRootfs' | 'ShmSize'

/** SHM_INVALID. */
export const rootTerm: Term<Own, RootTerms> = {
  fields: { ReadonlyRootfs: true, ShmSize: true },
  path: 'HostConfig.ShmSize',
  read: ({ ReadonlyRootfs, ShmSize }) => ({
    readonly: ReadonlyRootfs === true,
    ...(ShmSize ? { shmSize: ShmSize } : {}),
  }),
  check: ({ ShmSize = 0 }, problems) => {
    if (ShmSize < 0) problems.add('SHM_INVALID', 'HostConfig.ShmSize', 'want 0 or more bytes', { facts: {} })
  },
}
