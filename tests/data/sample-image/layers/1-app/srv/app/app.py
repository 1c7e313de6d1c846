import os

print("serving with", len(os.environ["GITHUB_TOKEN"]), "bytes of token")
