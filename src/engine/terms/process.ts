import type { Term } from './term.ts'

/** The container's first process, but for its user's numbers and what its environment has of them. */
export interface ProcessTerms {
  readonly argv: readonly string[]
  /** `NAME=value`; a bare `NAME` is none. */
  readonly env: readonly string[]
  readonly cwd: string
  /** `user[:group]`, names or numbers; empty for root. */
  readonly user: string
  /** Further groups, names or numbers. */
  readonly groupAdd: readonly string[]
  readonly oomScoreAdj?: number
  /** Our own init is PID 1. */
  readonly init: boolean
}

type Own = 'Entrypoint' | 'Cmd' | 'Env' | 'WorkingDir' | 'User' | 'GroupAdd' | 'OomScoreAdj' | 'Init'

/** ENV_INVALID, COMMAND_INVALID, WORKING_DIR_INVALID, OOM_SCORE_INVALID. */
export const processTerm: Term<Own, ProcessTerms> = {
  fields: {
    Entrypoint: true,
    Cmd: true,
    Env: true,
    WorkingDir: true,
    User: true,
    GroupAdd: true,
    OomScoreAdj: true,
    Init: true,
  },
  path: 'Cmd',
  read: given => ({
    argv: [...(given.Entrypoint ?? []), ...(given.Cmd ?? [])],
    env: given.Env ?? [],
    cwd: given.WorkingDir || '/',
    user: given.User ?? '',
    groupAdd: given.GroupAdd ?? [],
    ...(given.OomScoreAdj ? { oomScoreAdj: given.OomScoreAdj } : {}),
    init: given.Init === true,
  }),
  check: (given, problems) => {
    const { Entrypoint = [], Cmd = [], Env = [], WorkingDir = '', OomScoreAdj = 0 } = given
    for (const entry of Env)
      if (entry.startsWith('=') || entry === '' || entry.includes('\0')) {
        const summary = `environment entry ${JSON.stringify(entry)} has no name or holds a NUL`
        problems.add('ENV_INVALID', 'Env', summary, { facts: { entry } })
      }
    if ([...Entrypoint, ...Cmd].some(argument => argument.includes('\0')))
      problems.add('COMMAND_INVALID', 'Cmd', 'an argument of the command holds a NUL')
    if (WorkingDir !== '' && !WorkingDir.startsWith('/'))
      problems.add('WORKING_DIR_INVALID', 'WorkingDir', `working directory "${WorkingDir}" is not absolute`, {
        facts: { folder: WorkingDir },
      })
    if (OomScoreAdj < -1000 || OomScoreAdj > 1000)
      problems.add('OOM_SCORE_INVALID', 'HostConfig.OomScoreAdj', `got ${OomScoreAdj}, want -1000 to 1000`, {
        facts: { value: String(OomScoreAdj) },
      })
  },
}
