print("vnet")
