"""The toy service as a process of its own, so that it can be killed like a real one."""

from lotse_shared import service
from toy_service import SERVICE

if __name__ == "__main__":
    service.main(SERVICE)
