"""python -m local_agent"""

from local_agent.cli import main

if __name__ == "__main__":
    main()
