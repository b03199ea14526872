import { failure } from '../../diagnostics/index.ts'
import { login, verifyLogin } from '../../project/login.ts'
import type { CommandContext } from '../command.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'
import { flag, hidden, text } from '../option.ts'
import { askLine, askSecret, readSecret } from '../views/ask.ts'

/** `tscompose login`. */
export const command: Command = defineCommand({
  description:
    'Logs in to a registry, the hub without a name. The login is verified and kept as docker login keeps it, with a credential helper where one is set, and holds for Docker, too.',
  options: {
    username: text('-u, --username <name>', 'Who to log in as'),
    passwordStdin: flag('--password-stdin', 'Take the password from standard input'),
    password: hidden(text('-p, --password <password>', '')),
  },
  examples: [
    ['tscompose login ghcr.io -u me', 'ask for the password, and log in to GitHub’s registry'],
    ['pass show ci | tscompose login localhost:5000 -u ci --password-stdin', 'log in without a terminal'],
  ],
  run: async (context, [server], { username, passwordStdin, password }) => {
    if (password !== undefined) throw openPassword()
    const where = server === undefined ? {} : { server }
    if (username === undefined && !passwordStdin && (await isLoggedIn(context, where))) return EXIT.ok
    const who = await ask(context, username, passwordStdin)
    const { registry, by } = await login(context, { ...where, ...who })
    if ('file' in by)
      context.streams.stderr.write(
        `The password is in ${by.file}, readable by you alone but not encrypted; a credential helper keeps it better\n`,
      )
    context.streams.stdout.write(`Login Succeeded: ${registry}\n`)
    return EXIT.ok
  },
})

/** A login of earlier that still holds needs no new one. */
async function isLoggedIn(context: CommandContext, where: { readonly server?: string }): Promise<boolean> {
  try {
    const known = await verifyLogin(context, where)
    if (known !== undefined) context.streams.stdout.write(`Login Succeeded: ${known.registry}\n`)
    return known !== undefined
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 'REGISTRY_UNAUTHORIZED') return false
    throw error
  }
}

async function ask(
  context: CommandContext,
  username: string | undefined,
  passwordStdin: boolean,
): Promise<{ readonly username: string; readonly password: string }> {
  if (passwordStdin) {
    if (username === undefined) throw incomplete('--password-stdin needs --username')
    const password = await readSecret(context)
    if (password === '') throw incomplete('standard input has no password')
    return { username, password }
  }
  if (context.streams.stdin.isTTY !== true) throw incomplete('there is no terminal to ask for the password')
  const name = username ?? (await askLine(context, 'Username: '))
  const password = await askSecret(context, 'Password: ')
  if (name === '' || password === '') throw incomplete('it takes a name and a password')
  return { username: name, password }
}

function openPassword(): Error {
  return failure({
    kind: 'invalidArgument',
    code: 'LOGIN_OPEN_PASSWORD',
    summary: 'a password on the command line is seen by everybody on this machine, and stays in the history',
    hint: 'use --password-stdin, or leave it out to be asked',
  })
}

function incomplete(summary: string): Error {
  return failure({
    kind: 'invalidArgument',
    code: 'LOGIN_INCOMPLETE',
    summary,
    hint: 'without a terminal: echo "$PASSWORD" | tscompose login SERVER -u NAME --password-stdin',
  })
}
