import { logout } from '../../project/login.ts'
import { type Command, defineCommand } from '../define-command.ts'
import { EXIT } from '../exit-codes.ts'

/** `tscompose logout`. */
export const command: Command = defineCommand({
  description: 'Forgets the login to a registry, the hub without a name, for Docker, too.',
  options: {},
  examples: [['tscompose logout ghcr.io', 'pull from GitHub’s registry as nobody in particular']],
  run: async (context, [server]) => {
    const name = server ?? 'docker.io'
    const wasThere = await logout(context, server)
    context.streams.stdout.write(wasThere ? `Logged out of ${name}\n` : `Not logged in to ${name}\n`)
    return EXIT.ok
  },
})
