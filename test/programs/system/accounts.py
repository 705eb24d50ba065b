import getpass
import grp
import os
import pwd

print(pwd.getpwuid(0).pw_name, grp.getgrgid(0).gr_name, getpass.getuser(), grp.getgrgid(5).gr_name)
print(pwd.getpwuid(os.getuid()).pw_uid == os.getuid(), grp.getgrgid(os.getgid()).gr_gid == os.getgid(), pwd.getpwnam("nobody").pw_uid)
print(os.getuid() == os.geteuid(), os.getresuid()[2] == os.getuid())
os.setuid(0)
