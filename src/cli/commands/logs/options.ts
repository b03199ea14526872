import { flag, type Option, text } from '../../option.ts'
import type { LogsFlags } from './run.ts'

type Shown = Omit<LogsFlags, 'index'>

/** What logs are shown with, wherever they come from. */
export const LOG_OPTIONS: { readonly [Name in keyof Shown]: Option<Shown[Name]> } = {
  follow: flag('-f, --follow', 'Go on with new lines'),
  tail: text('-n, --tail <lines>', 'Only the last lines of each container, or all'),
  timestamps: flag('-t, --timestamps', 'Show when each line was written'),
  since: text('--since <time>', 'From this time on: 2026-01-02T13:23:37Z or 42m'),
  until: text('--until <time>', 'Up to this time'),
  noColor: flag('--no-color', 'Prefixes without colour'),
  noLogPrefix: flag('--no-log-prefix', 'Lines without the name in front'),
}
