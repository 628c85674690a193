"""The configuration of the tests' Slurm."""

CONFIGURATION = """\
ClusterName=tests
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmUser=root
SlurmdUser=root
# A requeued job waits until the old one's credential cannot be used any more.
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/%n.log
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
MailProg=/bin/true

# What a container cannot do is left out: cgroups, binding to CPUs.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
PropagateResourceLimits=NONE

# More CPUs and memory than this machine has: the jobs of tests hardly use them.
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
DefMemPerCPU=100
GresTypes=gpu

# Decisions at once, and short times.
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0,bf_interval=1
KillWait=3
MinJobAge=300
SlurmdTimeout=30
MessageTimeout=10
ReturnToService=2

PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
NodeName=DEFAULT CPUs=8 RealMemory=8000
NodeName=node1 NodeHostname={host} NodeAddr=127.0.0.1 Port={node1} Feature=CPU
NodeName=node2 NodeHostname={host} NodeAddr=127.0.0.1 Port={node2} Feature=GPU Gres=gpu:2
PartitionName=DEFAULT Nodes=node[1-2] PriorityTier=10 PreemptMode=OFF DefaultTime=1:00:00
PartitionName=main Default=YES MaxTime=1-00:00:00
PartitionName=gpu Nodes=node2 MaxTime=1-00:00:00
PartitionName=short Nodes=node1 DefaultTime=1:00 MaxTime=10:00
PartitionName=low Nodes=node[1-2] PriorityTier=1 PreemptMode=REQUEUE DefaultTime=1:00:00 MaxTime=UNLIMITED
PartitionName=lowc Nodes=node[1-2] PriorityTier=1 PreemptMode=CANCEL DefaultTime=1:00:00 MaxTime=UNLIMITED
"""  # noqa: E501
