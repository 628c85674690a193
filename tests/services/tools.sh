#!/bin/sh
# Installs what the tests of the whole program need, where that is allowed (as root on Debian):
# terminals (tmux, screen), a Slurm, and what makes machines with OpenSSH servers. Quietly, and no service is started.
set -u

packages=
want() { command -v "$1" >/dev/null || packages="$packages $2"; }
PATH=$PATH:/usr/sbin:/sbin
want tmux tmux
want screen screen
want munged munge
want slurmctld slurmctld
want slurmd slurmd
want sbatch slurm-client
want sshd openssh-server
want ssh openssh-client
want ip iproute2
want fish fish
want tcsh tcsh

[ -n "$packages" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || exit 0

policy=/usr/sbin/policy-rc.d # what Debian's packages ask before they start a service
if [ ! -e $policy ]; then
  trap 'rm -f $policy' EXIT
  printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy
fi
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # several words
{ apt-get update -qq && apt-get install -y -qq --no-install-recommends $packages; } \
  >/dev/null 2>&1 </dev/null || echo "cannot be installed:$packages"
